import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';

const pages = globSync(['*.md', 'docs/**/*.md', 'client/*.md']);

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );

for (const page of pages) {
  t.test(`${page} leads somewhere`, async (t) => {
    const text = readFileSync(page, 'utf8').replace(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    for (const link of links.filter((each) => !/^[a-z]+:/.test(each))) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), decodeURIComponent(path));
      t.ok(existsSync(target), link);
      if (anchor !== undefined && existsSync(target) && statSync(target).isFile() && target.endsWith('.md')) {
        t.ok(anchorsOf(target).includes(anchor), `${link}: the heading`);
      }
    }
  });
}
