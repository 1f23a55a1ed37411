/** The Traffic view. */
export function Traffic() {
  return <main aria-label="Traffic" />
}
