// Before unit tests: the processes that some of them start are built.
import { buildSchemas, buildServer } from '../../server/launch/build.mjs'

export async function setup(): Promise<void> {
  await buildServer()
  await buildSchemas()
}
