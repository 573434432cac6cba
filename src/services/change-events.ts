import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { ChangeEventQueue } from '../estate/events/change-event-queue.ts';
import { type ChangeEventConsumer, createChangeEventConsumer } from '../estate/events/consume-events.ts';
import type { HintFollower } from '../estate/events/follow-hint.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';

/** Reads again what events of CloudTrail name, until it is stopped. */
export function startChangeEvents(
  log: Log,
  counted: Telemetry['metrics']['changeEvents'],
  deps: { queue: ChangeEventQueue; follow: HintFollower; clock: Clock },
): ChangeEventConsumer {
  const consumer = createChangeEventConsumer({
    ...deps,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    on: {
      received: counted.onReceived,
      coalesced: counted.onCoalesced,
      useless(reason, { sentAt }) {
        counted.onUseless(reason);
        log.debug({ reason, sentAt }, 'a change event leads to no look');
      },
      failed({ id, event }, err) {
        counted.onFailed();
        log.warn({ err, id, event }, 'what a change event names can’t be looked at yet');
      },
      unreachable: (err) =>
        err === null
          ? log.info('change events are received again')
          : log.warn({ err }, 'the queue of change events does not answer'),
    },
  });
  void consumer.run();
  return consumer;
}
