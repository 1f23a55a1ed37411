// `node dist/server/derive-openapi.js <output.json>`: writes the schemas that the API serves and checks with. Run by the build.
import { writeFileSync } from 'node:fs'
import { deriveDefinitions } from './derive.ts'
import { modelsFolder, readModel } from './models.ts'
import { ROOTS } from './roots.ts'

const output = process.argv[2]
if (!output) throw new Error('usage: derive-openapi <output.json>')
const folder = modelsFolder()
const definitions = deriveDefinitions(ROOTS, (model) => readModel(folder, model))
writeFileSync(output, JSON.stringify(definitions))
