/**
 * What this project adds to Swagger UI, as one plugin of its: a header with ways to our other pages, the problems of a
 * call folded away behind what it answers when all is well, and links in the text that open a call on the page.
 * https://swagger.io/docs/open-source-tools/swagger-ui/customization/plugin-api/
 */
(() => {
  const plugin = ({ React }) => {
    const h = React.createElement;

    const Topbar = ({ getComponent }) =>
      h(
        'header',
        { className: 'site-header' },
        h(
          'a',
          { className: 'site-name', href: '/docs' },
          h('img', { src: `${base}/theme/logo.svg`, alt: '' }),
          'Secret access',
        ),
        h(
          'nav',
          { 'aria-label': 'This service' },
          h('a', { href: '/docs', 'aria-current': 'page' }, 'API'),
          h('a', { href: '/console' }, 'Console'),
          h('a', { href: '/docs/json' }, 'OpenAPI'),
        ),
        h(getComponent('DarkModeToggle')),
      );

    const isProblem = (_, status) => /^[45]/.test(status);
    const foldProblems = (Responses) => (props) => {
      const { responses } = props;
      const problems = responses.filter(isProblem);
      return h(
        React.Fragment,
        null,
        h(Responses, { ...props, responses: responses.filterNot(isProblem) }),
        problems.size > 0 &&
          h(
            'details',
            { className: 'problems' },
            h('summary', null, `What can go wrong: ${problems.keySeq().join(', ')}`),
            h(Responses, { ...props, responses: problems, tryItOutResponse: undefined }),
          ),
      );
    };

    return {
      components: { Topbar },
      wrapComponents: { responses: foldProblems },
      afterLoad: ({ layoutActions }) => document.addEventListener('click', openCall(layoutActions)),
    };
  };

  /** Links to a call (`#/Share/createShare`) would open a second window with the same page. */
  const openCall = (layoutActions) => (event) => {
    const link = event.target.closest?.('.info a[href^="#/"]');
    if (!link) return;
    event.preventDefault();
    const hash = link.getAttribute('href');
    history.pushState(null, '', hash);
    const [tag, operation] = hash.slice(2).split('/');
    layoutActions.show(['operations-tag', tag], true);
    layoutActions.show(['operations', tag, operation], true);
    reveal(`operations-${tag}-${operation}`, FRAMES);
  };

  /** It is there once Swagger UI has drawn the group that holds it. */
  const reveal = (id, frames) => {
    const call = document.getElementById(id);
    if (call === null && frames > 0) requestAnimationFrame(() => reveal(id, frames - 1));
    call?.scrollIntoView();
    call?.querySelector('button')?.focus({ preventScroll: true });
  };
  const FRAMES = 300;

  const base = document.currentScript.src.replace(/\/theme\/[^/]*$/, '');

  document.head.append(
    Object.assign(document.createElement('meta'), { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
  );

  // Swagger UI starts when the page has loaded, which is after this file has run.
  const { SwaggerUIBundle } = window;
  window.SwaggerUIBundle = Object.assign(
    (config) => SwaggerUIBundle({ ...config, plugins: [...config.plugins, plugin] }),
    SwaggerUIBundle,
  );
})();
