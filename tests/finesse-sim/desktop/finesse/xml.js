// XML as plain objects: text for a leaf, an array where a name is there twice.
(function (finesse) {
  "use strict";

  function value(element) {
    var children = element.children;
    if (children.length === 0) { return element.textContent; }
    var object = {};
    Array.prototype.forEach.call(children, function (child) {
      var read = value(child);
      if (!(child.nodeName in object)) {
        object[child.nodeName] = read;
      } else if (Array.isArray(object[child.nodeName])) {
        object[child.nodeName].push(read);
      } else {
        object[child.nodeName] = [object[child.nodeName], read];
      }
    });
    return object;
  }

  finesse.xml = {
    /** The document as an object, or nothing where it is none. */
    read: function (text) {
      if (!text || text.charAt(0) !== "<") { return undefined; }
      var page = new window.DOMParser().parseFromString(text, "application/xml");
      if (page.getElementsByTagName("parsererror").length) { return undefined; }
      var object = {};
      object[page.documentElement.nodeName] = value(page.documentElement);
      return object;
    },
    /** One element with others in it; what is undefined becomes an empty element. */
    write: function (name, fields) {
      var page = window.document.implementation.createDocument(null, name, null);
      Object.keys(fields).forEach(function (field) {
        var element = page.createElement(field);
        element.textContent = fields[field] === undefined ? "" : String(fields[field]);
        page.documentElement.appendChild(element);
      });
      return new window.XMLSerializer().serializeToString(page);
    },
    /** No element, one, or several: always an array. */
    list: function (read) {
      if (read === undefined || read === "") { return []; }
      return Array.isArray(read) ? read : [read];
    },
    /** A property by its name in any case. */
    field: function (object, name) {
      if (!object || typeof object !== "object") { return undefined; }
      var key = Object.keys(object).filter(function (one) { return one.toLowerCase() === name.toLowerCase(); })[0];
      return key === undefined ? undefined : object[key];
    }
  };
}(finesse));
