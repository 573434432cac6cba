/** Whose secrets are surveyed, in which Regions, and how often. */
export type EstateConfig = {
  /** Undefined for the service's own; `organization`: those that the organization has. */
  accounts: readonly string[] | 'organization' | undefined;
  /**
   * In the management account, to ask whose accounts the organization has; undefined where the service's own may. `account`:
   * where that is not the management account, but a delegated administrator's.
   */
  organizationRole: { name: string; account?: string; externalId?: string } | undefined;
  /** Undefined for the service's own; `enabled`: those that each account has enabled. */
  regions: readonly string[] | 'enabled' | undefined;
  /** From the end of one survey to the next; undefined for none by itself. */
  surveyEveryMs: number | undefined;
  /** The SQS queue where change events arrive; undefined for none. */
  eventsQueueUrl: string | undefined;
};
