import { type Kysely, sql } from 'kysely';

/**
 * Triggers that hold the journal append-only against everything short of an administrator who drops them (signed
 * checkpoints are for that one). The only way out for a row is retention: `audit_chain.archived_sequence` moves up
 * first, then rows at or below it may be deleted.
 */
export const guardSqlite = async (db: Kysely<unknown>): Promise<void> => {
  for (const trigger of [
    // INSERT OR REPLACE deletes without firing a delete trigger, so a row that would replace one is refused as well.
    `create trigger audit_events_no_replace before insert on audit_events
      when new.sequence <= (select sequence from audit_chain)
        or exists (select 1 from audit_events where id = new.id)
      begin select raise(abort, 'audit events are append-only'); end`,
    `create trigger audit_events_no_update before update on audit_events
      begin select raise(abort, 'audit events are append-only'); end`,
    `create trigger audit_events_no_delete before delete on audit_events
      when old.sequence > (select archived_sequence from audit_chain)
      begin select raise(abort, 'audit events are append-only'); end`,
    `create trigger audit_chain_forward before update on audit_chain
      when new.sequence < old.sequence or new.archived_sequence < old.archived_sequence
        or new.archived_sequence > new.sequence
      begin select raise(abort, 'the audit chain only moves forward'); end`,
    `create trigger audit_chain_no_delete before delete on audit_chain
      begin select raise(abort, 'the audit chain only moves forward'); end`,
    `create trigger audit_checkpoints_no_update before update on audit_checkpoints
      begin select raise(abort, 'audit checkpoints are append-only'); end`,
    `create trigger audit_checkpoints_no_delete before delete on audit_checkpoints
      begin select raise(abort, 'audit checkpoints are append-only'); end`,
  ]) {
    await sql.raw(trigger).execute(db);
  }
};

/** The same in PL/pgSQL, and TRUNCATE refused, which fires no row trigger. */
export const guardPostgres = async (db: Kysely<unknown>): Promise<void> => {
  for (const statement of [
    `create function audit_refuse() returns trigger language plpgsql as $$
      begin raise exception '% is append-only', tg_table_name; end $$`,
    `create function audit_refuse_unarchived() returns trigger language plpgsql as $$
      begin
        if old.sequence > (select archived_sequence from audit_chain) then
          raise exception '% is append-only', tg_table_name;
        end if;
        return old;
      end $$`,
    `create function audit_chain_forward() returns trigger language plpgsql as $$
      begin
        if new.sequence < old.sequence or new.archived_sequence < old.archived_sequence
          or new.archived_sequence > new.sequence then
          raise exception 'the audit chain only moves forward';
        end if;
        return new;
      end $$`,
    `create trigger audit_events_no_update before update on audit_events
      for each row execute function audit_refuse()`,
    `create trigger audit_events_no_delete before delete on audit_events
      for each row execute function audit_refuse_unarchived()`,
    `create trigger audit_chain_forward before update on audit_chain
      for each row execute function audit_chain_forward()`,
    `create trigger audit_chain_no_delete before delete on audit_chain
      for each row execute function audit_refuse()`,
    `create trigger audit_checkpoints_no_change before update or delete on audit_checkpoints
      for each row execute function audit_refuse()`,
    ...['audit_events', 'audit_chain', 'audit_checkpoints'].map(
      (table) => `create trigger ${table}_no_truncate before truncate on ${table}
        for each statement execute function audit_refuse()`,
    ),
  ]) {
    await sql.raw(statement).execute(db);
  }
};
