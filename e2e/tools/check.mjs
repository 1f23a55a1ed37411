// `npm run check`: the fast part, for while you work; `npm test` is the whole.
import { installIfMissing } from '../../server/launch/install.mjs'

installIfMissing()
const { checks, close, runAll } = await import('./steps.mjs')
close(
  await runAll([
    [checks.types, checks.format],
    [checks.lint, checks.imports],
    checks.deadCode,
    checks.quickUnit,
  ]),
)
