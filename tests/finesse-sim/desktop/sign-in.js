// Signs an agent in: proves the password, asks for LOGIN, remembers the session.
(function (window, document) {
  "use strict";

  var form = document.getElementById("sign-in");
  var trouble = document.getElementById("trouble");

  function say(text) {
    trouble.textContent = text;
    form.classList.remove("busy");
  }

  function encoded(text) { return window.btoa(unescape(encodeURIComponent(text))); }

  function ask(path, auth, method, body) {
    var headers = { Authorization: "Basic " + auth };
    if (body) { headers["Content-Type"] = "application/xml"; }
    // Without the browser's own credentials: a 401 would open its own question.
    var how = { method: method, headers: headers, body: body, cache: "no-store", credentials: "omit" };
    return window.fetch(path, how);
  }

  function refused(status) {
    if (status === 401) { return "The agent ID or the password is wrong."; }
    if (status === 404) { return "There is no such agent."; }
    if (status === 503) { return "Finesse is out of service. Try again in a moment."; }
    return "Finesse refused to sign you in (" + status + ").";
  }

  /** Waits until the contact centre has signed the agent in. */
  function signedIn(path, auth, tries) {
    return ask(path, auth, "GET").then(function (answer) { return answer.text(); }).then(function (text) {
      if (!/<state>(LOGOUT|UNKNOWN)<\/state>/.test(text)) { return; }
      if (tries === 0) { throw new Error("The contact centre does not answer."); }
      return new Promise(function (go) { window.setTimeout(go, 100); }).then(function () {
        return signedIn(path, auth, tries - 1);
      });
    });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    say("");
    form.classList.add("busy");
    var id = document.getElementById("id").value.trim();
    var auth = encoded(id + ":" + form.password.value);
    var path = "/finesse/api/User/" + encodeURIComponent(id);
    ask(path, auth, "GET").then(function (answer) {
      if (!answer.ok) { throw new Error(refused(answer.status)); }
      var extension = form.extension.value.replace(/\D/g, "");
      return ask(path, auth, "PUT", "<User><state>LOGIN</state><extension>" + extension + "</extension></User>");
    }).then(function (answer) {
      if (!answer.ok) { throw new Error(refused(answer.status)); }
      return signedIn(path, auth, 150);
    }).then(function () {
      window.sessionStorage.userFinesseAuth = auth;
      window.location.assign("/desktop/container");
    }).catch(function (error) { say(error.message); });
  });
}(window, document));
