// The schemas as the build derives them, for tests.
import type { Definitions } from './definitions.ts'
import { deriveDefinitions } from './derive.ts'
import { modelsFolder, readModel } from './models.ts'
import { ROOTS } from './roots.ts'

let derived: Definitions | undefined

/** Derived once per test file; treat as frozen. */
export function testDefinitions(): Definitions {
  const folder = modelsFolder()
  derived ??= deriveDefinitions(ROOTS, (model) => readModel(folder, model))
  return derived
}
