import type { Call } from './helper.ts';
import { until } from './wait.ts';

type Answer = ReturnType<Call>;
type Caller = { get(url: string): Answer; post(url: string, body?: unknown): Answer };
type Incident = Awaited<Answer>['json'];

/** Incidents as whoever is on call begins and lifts them, each call waiting for its end. */
export function incidentsOf(oncall: Caller) {
  async function settled(id: string, ...wanted: string[]): Promise<Incident> {
    const look = async () => (await oncall.get(`/v1/incidents/${id}`)).json;
    await until(async () => wanted.includes((await look()).status));
    return look();
  }
  return {
    settled,
    async begin(body: object, who = oncall): Promise<Incident> {
      const { status, json } = await who.post('/v1/incidents', body);
      if (status !== 202) throw new Error(JSON.stringify(json));
      return settled(json.id, 'standing');
    },
    async lift(id: string, who = oncall): Promise<Incident> {
      const { status, json } = await who.post(`/v1/incidents/${id}/lift`, { reason: 'All clear' });
      if (status !== 202) throw new Error(JSON.stringify(json));
      return settled(id, 'lifted', 'partlyLifted');
    },
  };
}
