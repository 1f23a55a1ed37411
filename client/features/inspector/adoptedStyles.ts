// Inline styles that a library writes (<style> elements, `style` attributes of spans), turned into adopted style sheets
// and properties: the page's content security policy allows these (script sets them, and script is trusted), but no
// inline styles, and it need not be widened for the library.

/** From now on what is made in `owner` styles itself so, until the answered function is called. */
export function adoptInlineStyles(owner: Document): () => void {
  const create = (name: string, options?: ElementCreationOptions): HTMLElement => {
    if (name === 'style') return adoptedStyle(owner)
    const element = Document.prototype.createElement.call(owner, name, options)
    if (name === 'span') element.setAttribute = setAttribute
    return element
  }
  // An own property hides the prototype's method.
  Object.defineProperty(owner, 'createElement', { configurable: true, value: create })
  return () => {
    // Somebody who came later goes on.
    if (owner.createElement === create) Reflect.deleteProperty(owner, 'createElement')
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

function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value
  else Element.prototype.setAttribute.call(this, name, value)
}
