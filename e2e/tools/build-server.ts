// Before unit tests: the processes that some of them start are built.
export async function setup(): Promise<void> {
  const builder = (await import('../../server/launch/build.mjs' as string)) as {
    buildServer: () => Promise<boolean>
    buildSchemas: () => Promise<boolean>
  }
  await builder.buildServer()
  await builder.buildSchemas()
}
