import type { ReactNode } from 'react'

const SHAPES = {
  pause: <path d="M7 4.5v11M13 4.5v11" />,
  play: <path d="M6.5 4.2v11.6l9-5.8z" fill="currentColor" />,
  undo: <path d="M4 8h8.5a4 4 0 0 1 0 8H8M4 8l3.6-3.6M4 8l3.6 3.6" />,
  cross: <path d="M5 5l10 10M15 5L5 15" />,
  plus: <path d="M10 4v12M4 10h12" />,
  minus: <path d="M4 10h12" />,
  node: <path d="M3.5 4.5h13v5h-13zM3.5 11.5h13v4.5h-13zM6.5 7h.01M6.5 13.8h.01" />,
  check: <path d="M4 10.5l4 4 8-9" />,
  warn: <path d="M10 3L18 16.5H2zM10 8v4M10 14.3v.01" />,
  clock: <path d="M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM10 6v4.2l2.8 1.8" />,
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof SHAPES

/** A line drawing in the colour of the text, one em wide unless told otherwise. Decorative: the words beside it say it. */
export function Icon({ name, weight = 1.9 }: { name: IconName; weight?: number }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="1.15em"
      height="1.15em"
      fill="none"
      stroke="currentColor"
      strokeWidth={weight}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none' }}
    >
      {SHAPES[name]}
    </svg>
  )
}
