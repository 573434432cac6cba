import { escalatingActions } from '../../policy/actions.ts';
import type { Entry } from '../../policy/entries/entry.ts';
import { requestOf } from '../../policy/entries/request.ts';
import { templateNamed } from '../../policy/entries/templates/index.ts';
import type { Group } from '../../policy/entries/templates/kinds/template.ts';
import type { SecretManifest } from '../commands/apply-manifest.ts';
import type { VisibleSecrets } from '../guard/visible-secrets.ts';
import type { Identity } from '../identity.ts';
import type { PolicyViewer } from '../looks/view-policy.ts';

type Exported = Record<keyof SecretManifest, Group[]>;

export type ManifestExporter = {
  /** What is there, as a manifest that changes nothing. @throws DomainError secret-not-found, forbidden, aws-… */
  export(identity: Identity, secretIds: readonly string[]): Promise<Record<string, Exported>>;
};

export const createManifestExporter = ({
  viewer,
  visible,
}: {
  viewer: Pick<PolicyViewer, 'view'>;
  visible: Pick<VisibleSecrets, 'assertMayUse'>;
}): ManifestExporter => ({
  async export(identity, secretIds) {
    // Before AWS is asked about any of them.
    await visible.assertMayUse(identity, ...secretIds);
    const all = await Promise.all(
      [...new Set(secretIds)].map(async (secretId) => {
        const { shares, denials, restrictions } = await viewer.view(identity, secretId);
        const manifest = {
          shares: shares.flatMap(asRequest),
          denials: denials.flatMap(asRequest),
          restrictions: restrictions.flatMap(asRequest),
        };
        return [secretId, manifest] as const;
      }),
    );
    return Object.fromEntries(all);
  },
});

/** A deleted principal can't be named any more. */
function asRequest(entry: Entry): Group[] {
  const template = templateNamed(entry.template);
  if (template === undefined || entry.orphaned) return [];
  const escalates = entry.kind === 'share' && escalatingActions(entry.actions).length > 0;
  return [{ ...requestOf(entry, template), ...(escalates && { acknowledgeEscalation: true }) }];
}
