/**
 * What this project adds to Swagger UI, as one plugin of its: a header with ways to our other pages, calls found by their
 * words, the problems of a call folded away behind what it answers when all is well, what is wrong said at the field and in
 * words, and links in the text that open a call on the page.
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

    /** What is found is unfolded. */
    const FilterContainer = ({ layoutSelectors, layoutActions, specSelectors }) => {
      const find = ({ target: { value } }) => {
        layoutActions.updateFilter(value);
        for (const tag of specSelectors.taggedOperations().keys())
          layoutActions.show(['operations-tag', tag], value !== '');
      };
      const sought = layoutSelectors.currentFilter();
      return h(
        'div',
        { className: 'wrapper' },
        h('input', {
          type: 'search',
          className: 'call-filter',
          'aria-label': 'Find a call',
          placeholder: 'Find a call: revoke, freeze, /policy …',
          value: typeof sought === 'string' ? sought : '',
          onChange: find,
        }),
      );
    };

    const Wrong = ({ texts }) =>
      texts.length === 0
        ? null
        : h(
            'ul',
            { className: 'wrong', role: 'alert' },
            texts.map((text) => h('li', { key: text }, text)),
          );

    /** Swagger UI shows what is wrong with a field to the mouse only. */
    const sayAtField = (Field) => (props) =>
      h(React.Fragment, null, h(Field, props), h(Wrong, { texts: textsOf(props.errors) }));

    /** What the service said of the body that it refused last. */
    const sayAtBody = (Body) => (props) => {
      const [, path, method] = props.specPath.toJS();
      const texts = wrongInBody(props.specSelectors.responseFor(path, method));
      return h(
        'div',
        { className: texts.length > 0 ? 'refused-body' : undefined },
        h(Body, props),
        h(Wrong, { texts }),
      );
    };

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

    /** Swagger UI takes every connection that fails for a question of CORS. */
    const sayGone = (LiveResponse) => (props) => {
      const isGone = props.response.get('error') && !props.response.get('status');
      return h(LiveResponse, {
        ...props,
        ...(isGone && { response: props.response.merge({ name: '', message: GONE }) }),
      });
    };

    return {
      fn: { opsFilter: findCalls },
      components: { Topbar, FilterContainer },
      wrapComponents: {
        responses: foldProblems,
        liveResponse: sayGone,
        JsonSchema_string: sayAtField,
        RequestBody: sayAtBody,
      },
      afterLoad: ({ layoutActions }) => document.addEventListener('click', openCall(layoutActions)),
    };
  };

  const GONE =
    '**The service does not answer.** It is stopped or restarting, or the network is down. Whether a change was made is not ' +
    'known: look before you repeat it.';

  /** By their words, address and group. */
  const findCalls = (tags, sought) => {
    const words = sought.toLowerCase().split(/\s+/);
    return tags
      .map((tag, name) =>
        tag.update('operations', (calls) =>
          calls.filter((call) => {
            const { summary = '', operationId = '' } = call.get('operation').toJS();
            const text = `${name} ${call.get('method')} ${call.get('path')} ${summary} ${operationId}`.toLowerCase();
            return words.every((word) => text.includes(word));
          }),
        ),
      )
      .filter((tag) => tag.get('operations').size > 0);
  };

  const textsOf = (errors) =>
    (errors?.toJS?.() ?? [])
      .filter((error) => typeof error === 'string')
      .map((error) => error.replace(PATTERN, LIKE_EXAMPLE));
  const PATTERN = /^Value must follow pattern .*/s;
  const LIKE_EXAMPLE =
    'This is not of the form that the description shows: type it as it is, without percent-encoding.';

  const wrongInBody = (response) => {
    if (![400, 422].includes(response?.get('status'))) return [];
    const { code, detail, errors = [] } = readProblem(response.get('text'));
    if (code === 'malformed-json') return [detail];
    return errors.filter(({ path }) => !ELSEWHERE.test(path)).map(({ path, message }) => `${path.slice(1)} ${message}`);
  };
  const ELSEWHERE = /^\/(querystring|params|headers)(\/|$)/;

  const readProblem = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return {};
    }
  };

  /** Links to a call (`#/Share/createShare`) would open a second window with the same page. */
  const openCall = (layoutActions) => (event) => {
    const link = event.target.closest?.('.info a[href^="#/"]');
    if (!link) return;
    event.preventDefault();
    const hash = link.getAttribute('href');
    history.pushState(null, '', hash);
    const [tag, operation] = hash.slice(2).split('/');
    layoutActions.updateFilter('');
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
