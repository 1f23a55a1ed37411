// Who may import whom; default: nobody. The table in README.md and in each room says the same in words.
const room = (name) => `^server/${name}/`
const SHARED = '^shared/'
const PACKAGES = { dependencyTypes: ['npm', 'npm-dev', 'core', 'npm-peer'] }

const allow = (from, ...to) => ({ from: { path: from }, to: { path: [from, ...to] } })

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-is-pure',
      severity: 'error',
      from: { path: SHARED, pathNot: '\\.test\\.ts$' },
      to: PACKAGES,
    },
  ],
  allowed: [
    { from: {}, to: PACKAGES },
    allow(SHARED),
    allow(room('store'), SHARED),
    allow(room('api'), room('store'), SHARED),
    allow(room('machinery'), SHARED),
    ...[
      'rolling-update',
      'controllers',
      'scheduling',
      'kubelet',
      'network',
      'ingress',
      'autoscaling',
      'clusterset',
    ].map((name) => allow(room(name), room('machinery'), SHARED)),
    allow(room('programs'), SHARED),
    allow(room('stage'), room('machinery'), room('rolling-update'), SHARED),
    allow(
      '^server/(cluster|control-plane|nodes|address-claim|cluster-name)\\.ts$',
      SHARED,
      '^server/(cluster|control-plane|nodes|data-dir|address-claim|cluster-name)\\.ts$',
      '^server/(store|api|machinery|controllers|scheduling|kubelet|network|ingress|autoscaling|clusterset)/',
    ),
    // Both clients, held to their contract before the real API.
    allow(
      '^server/cluster-client\\.test\\.ts$',
      SHARED,
      '^server/(control-plane|data-dir)\\.ts$',
      '^server/(api|machinery)/',
    ),
    allow(
      '^server/(podium|main|options|ports|data-dir)[^/]*\\.ts$',
      SHARED,
      '^server/(podium|main|options|ports|data-dir|cluster)[^/]*\\.ts$',
      '^package\\.json$',
      room('stage'),
      room('machinery'),
    ),
    allow('^server/launch/'),
    allow('^client/ui/'),
    allow('^client/canvas/', '^client/ui/', SHARED),
    allow('^client/live/', '^client/ui/', SHARED),
    {
      from: { path: '^client/features/([^/]+)/' },
      to: { path: ['^client/features/$1/', '^client/(live|canvas|ui)/', SHARED] },
    },
    allow('^client/app/', '^client/', SHARED),
    allow('^e2e/', SHARED, '^server/(programs|launch)/', '^client/vite\\.config\\.ts$'),
  ],
  allowedSeverity: 'error',
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
}
