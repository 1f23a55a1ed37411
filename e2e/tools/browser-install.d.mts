export function findBrowser(): string | undefined
export function installBrowserIfMissing(): void
