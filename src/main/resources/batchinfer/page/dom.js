/** Elements whose text is always text: nothing here can turn a server's string into markup. */

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute === "text") {
      made.textContent = value;
    } else if (attribute.startsWith("on")) {
      made.addEventListener(attribute.slice(2), value);
    } else if (value === true) {
      made.setAttribute(attribute, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(attribute, value);
    }
  }
  made.append(...children);
  return made;
}

export function copyOf(templateId) {
  return document.getElementById(templateId).content.cloneNode(true);
}

/** The element marked `data-<name>` below a root. */
export function part(root, name) {
  return root.querySelector(`[data-${name}]`);
}

/** Leaves equal text alone, so that a selection or a screen reader's place in it survives. */
export function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Shows the text in a notice, or hides the notice when there is none. */
export function setNotice(notice, text) {
  setText(notice, text);
  notice.hidden = text === "";
}

/** Makes the list hold exactly these nodes; nodes that stay in place keep their focus. */
export function setChildren(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) {
    if (!wanted.has(child)) {
      child.remove();
    }
  }
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) {
      parent.insertBefore(node, parent.children[index] ?? null);
    }
  });
}

export function announce(text) {
  setText(part(document, "announcements"), text);
}
