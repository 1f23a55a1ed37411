// `kubectl cp` runs `test -d` and `tar` in the container with paths of the container. Processes here see the machine's
// files, so the paths of these two commands are led below the directory that stands for the container's root.
import path from 'node:path'

/** The command as it is to be run; commands that are not those of `kubectl cp` stay as they are. */
export function copyWithin(command: readonly string[], root: string): readonly string[] {
  const [name, first, second] = command
  if (name === 'test' && first === '-d' && second !== undefined && command.length === 3) {
    return [name, first, below(second, root)]
  }
  return name === 'tar' ? [name, ...tarArguments(command.slice(1), root)] : command
}

/** What tar packs keeps the name that the caller gave, without its leading slash, as tar does it itself. */
function tarArguments(given: readonly string[], root: string): string[] {
  let toRoot = false
  return given.flatMap((argument, i) => {
    if (given[i - 1] === '-C' || given[i - 1] === '--directory') return [below(argument, root)]
    if (!argument.startsWith('/')) return [argument]
    const inside = path.posix.normalize(argument).replace(/^\/+/, '') || '.'
    const change = toRoot ? [] : ['-C', root]
    toRoot = true
    return [...change, inside]
  })
}

function below(directory: string, root: string): string {
  return directory.startsWith('/') ? path.join(root, path.posix.normalize(directory)) : directory
}
