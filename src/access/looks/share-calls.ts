/**
 * Those who ask the same while one call is under way wait for the next, and share it. None gets an answer that was asked for
 * before it came, so that whoever has changed something sees it.
 */
export function shareCalls<Asked, Answer>(
  call: (asked: Asked) => Promise<Answer>,
  idOf: (asked: Asked) => string,
): (asked: Asked) => Promise<Answer> {
  const running = new Map<string, Promise<Answer>>();
  const next = new Map<string, Promise<Answer>>();

  function start(id: string, asked: Asked): Promise<Answer> {
    const result = call(asked).finally(() => {
      if (running.get(id) === result) running.delete(id);
    });
    running.set(id, result);
    return result;
  }

  function startAfter(current: Promise<Answer>, id: string, asked: Asked): Promise<Answer> {
    const go = () => {
      next.delete(id);
      return start(id, asked);
    };
    // How the one before ended is for those who asked for it.
    const result = current.then(go, go);
    next.set(id, result);
    return result;
  }

  return (asked) => {
    const id = idOf(asked);
    const current = running.get(id);
    return current === undefined ? start(id, asked) : (next.get(id) ?? startAfter(current, id, asked));
  };
}
