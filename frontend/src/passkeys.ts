/** Offers passkeys only where they can work: a browser that knows them, at a name rather than a bare address. */
export function offerPasskeys(root: ParentNode): void {
  const possible = "PublicKeyCredential" in window && isSecureContext && !/^[\d.]+$|^\[/.test(location.hostname);
  for (const one of root.querySelectorAll<HTMLElement>("[data-with-passkeys]")) one.hidden = !possible;
  for (const one of root.querySelectorAll<HTMLElement>("[data-without-passkeys]")) one.hidden = possible;
}
