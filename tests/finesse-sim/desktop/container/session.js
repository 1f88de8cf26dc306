// Who is signed in, and requests in their name. Everything the container has is in `finesse.container`.
var finesse = window.finesse = window.finesse || {};
finesse.container = { Container: {}, Config: {}, log: [] };
(function (window, container) {
  "use strict";

  var auth = window.sessionStorage.userFinesseAuth;
  if (!auth) { window.location.replace("/desktop/"); }

  var requests = 0;
  var tab = Math.random().toString(36).slice(2, 8);

  container.session = {
    auth: auth || "",
    id: auth ? decodeURIComponent(escape(window.atob(auth))).split(":")[0] : "",
    /** One request to Finesse itself; the answer is parsed XML and its status. */
    ask: function (path, method, body) {
      var headers = { Authorization: "Basic " + auth };
      if (body) { headers["Content-Type"] = "application/xml"; }
      if (method && method !== "GET") {
        requests += 1;
        // Tells requests of the desktop's own menu from those of gadgets.
        headers.requestId = "desktop-" + tab + "-" + requests;
      }
      // Without the browser's own credentials: a 401 would open its own question.
      var how = { method: method || "GET", headers: headers, body: body, cache: "no-store", credentials: "omit" };
      return window.fetch(path, how).then(function (answer) {
        return answer.text().then(function (text) {
          return { ok: answer.ok, status: answer.status, text: text, object: finesse.xml.read(text) || {} };
        });
      });
    },
    end: function () {
      delete window.sessionStorage.userFinesseAuth;
      window.location.replace("/desktop/");
    }
  };
}(window, finesse.container));
