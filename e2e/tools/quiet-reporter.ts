// Says how a test run goes in few lines: each slow file as it ends, each failure with its reason.
import type { Reporter, TestModule } from 'vitest/node'

const SLOW_MS = 5_000

export default class QuietReporter implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const failures = [...module.children.allTests('failed')]
    const { duration } = module.diagnostic()
    if (module.ok() && duration < SLOW_MS) return
    const sign = module.ok() ? '✓' : '✗'
    console.log(`  ${sign} ${module.relativeModuleId} (${(duration / 1000).toFixed(1)} s)`)
    for (const error of module.errors()) console.log(error.stack ?? error.message)
    for (const test of failures) {
      console.log(`    ✗ ${test.fullName}`)
      for (const error of test.result().errors ?? []) console.log(error.stack ?? error.message)
    }
  }
}
