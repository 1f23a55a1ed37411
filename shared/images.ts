// Readers of image names.

/** `registry/path/name:tag@digest` taken apart; the tag defaults to `latest`. */
export function parseImage(image: string): { repository: string; name: string; tag: string } {
  const withoutDigest = image.split('@')[0] ?? ''
  const slash = withoutDigest.lastIndexOf('/')
  const colon = withoutDigest.indexOf(':', slash + 1)
  const repository = colon < 0 ? withoutDigest : withoutDigest.slice(0, colon)
  const tag = colon < 0 ? 'latest' : withoutDigest.slice(colon + 1)
  return { repository, name: repository.slice(repository.lastIndexOf('/') + 1), tag }
}

/** The same image with another tag: how the stage updates to a version. */
export function withTag(image: string, tag: string): string {
  return `${parseImage(image).repository}:${tag}`
}
