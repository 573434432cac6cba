/**
 * Gives Swagger UI the parts of the document without references. Its own way reads the whole document into a model of its, anew
 * for each call that is opened, which takes seconds; ours refers to its own components only.
 * https://swagger.io/docs/open-source-tools/swagger-ui/customization/plugin-api/
 */
(() => {
  const resolveSubtree = async (document, path, { baseDoc }) => {
    const at = (names) => names.reduce((value, name) => value?.[name], document);
    const resolve = (value, within) => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map((one) => resolve(one, within));
      const { $ref, ...said } = value;
      if (typeof $ref !== 'string') {
        return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolve(one, within)]));
      }
      // What holds itself has no end.
      if (within.includes($ref)) return value;
      const meant = resolve(at($ref.split('/').slice(1)), [...within, $ref]);
      return { ...meant, ...said, $$ref: `${baseDoc}${$ref}` };
    };
    return { spec: resolve(at(path), []) ?? null, errors: [] };
  };

  // Swagger UI starts when the page has loaded, which is after this file has run.
  const { SwaggerUIBundle } = window;
  const plugin = () => ({ fn: { resolveSubtree } });
  window.SwaggerUIBundle = Object.assign(
    (config) => SwaggerUIBundle({ ...config, plugins: [...config.plugins, plugin] }),
    SwaggerUIBundle,
  );
})();
