// `npm test`: installs what it needs and runs everything, ending with `N passed, N failed`.
import { installIfMissing } from '../../server/launch/install.mjs'
import { installWhatTestsWant } from './machine-install.mjs'

installIfMissing()
installWhatTestsWant()
const { buildAll } = await import('../../server/launch/build.mjs')
await buildAll((name, ms) => console.log(`Built the ${name} in ${ms} ms`))
const { checks, close, runAll } = await import('./steps.mjs')
close(
  await runAll([
    [checks.types, checks.format],
    [checks.lint, checks.imports],
    checks.deadCode,
    checks.unit,
    checks.endToEnd,
  ]),
)
