// Runs what is built, without looking whether it is stale.
const { main } = await import('../../dist/server/main.js')
await main(process.argv.slice(2), process.env)
