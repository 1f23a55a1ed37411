// <style> elements that a library makes, turned into adopted style sheets: the page's content security policy allows
// these (script made them, and script is trusted), but no inline styles, and it need not be widened for the library.

/** Answers what `work` answers; every <style> that it makes in `owner` meanwhile is an adopted style sheet instead. */
export function adoptingStyles<T>(owner: Document, work: () => T): T {
  // An own property hides the prototype's method for as long as `work` takes; nothing else runs meanwhile.
  Object.defineProperty(owner, 'createElement', {
    configurable: true,
    value: (name: string, options?: ElementCreationOptions): HTMLElement =>
      name === 'style'
        ? adoptedStyle(owner)
        : Document.prototype.createElement.call(owner, name, options),
  })
  try {
    return work()
  } finally {
    Reflect.deleteProperty(owner, 'createElement')
  }
}

/** Stands where the <style> would; its text is the sheet's, and when it is removed the sheet goes too. */
function adoptedStyle(owner: Document): HTMLElement {
  const stand = Document.prototype.createElement.call(owner, 'template')
  const sheet = new CSSStyleSheet()
  owner.adoptedStyleSheets.push(sheet)
  return Object.defineProperties(stand, {
    textContent: {
      set(text: string) {
        sheet.replaceSync(text)
      },
    },
    remove: {
      value(): void {
        owner.adoptedStyleSheets = owner.adoptedStyleSheets.filter((each) => each !== sheet)
        Element.prototype.remove.call(stand)
      },
    },
  })
}
