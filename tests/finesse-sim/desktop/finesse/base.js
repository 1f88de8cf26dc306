// A clean-room finesse.js: own code, by the documented interface (Finesse notes 3.2, 4.1).
var finesse = window.finesse = window.finesse || {};
(function (finesse) {
  "use strict";

  ["gadget", "clientservices", "cslogger", "containerservices", "restservices", "utilities"].forEach(function (name) {
    finesse[name] = finesse[name] || {};
  });
  finesse.version = "finesse-sim";

  var utilities = finesse.utilities.Utilities = {
    getUserAuthString: function () { return window.sessionStorage.userFinesseAuth; },
    getToken: function () { return window.sessionStorage.ssoToken; },
    isSsoEnabled: function () { return Boolean(window.sessionStorage.ssoToken); },
    b64Encode: function (text) { return window.btoa(unescape(encodeURIComponent(text))); },
    b64Decode: function (text) { return decodeURIComponent(escape(window.atob(text))); },
    getXSLTTimestamp: function () { return new Date().toISOString(); },
    /** An identifier for one request. */
    generateUUID: function () {
      if (window.crypto.randomUUID) { return window.crypto.randomUUID(); }
      var bytes = window.crypto.getRandomValues(new Uint8Array(16));
      return Array.prototype.map.call(bytes, function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
    }
  };

  /** A handler of a gadget may fail without harm to the others. */
  finesse.call = function (handler, argument) {
    if (typeof handler !== "function") { return; }
    try {
      handler(argument);
    } catch (error) {
      window.console.error("a handler of the gadget failed", error);
    }
  };

  function config() {
    var prefs = new window.gadgets.Prefs();
    var text = function (name) { return prefs.getString(name); };
    return {
      authorization: utilities.getUserAuthString() || text("authorization"),
      authToken: utilities.getToken(),
      id: text("id"),
      host: text("host"), hostPort: text("hostPort"), restHost: text("restHost"), scheme: text("scheme"),
      localhostFQDN: text("localhostFQDN"), localhostPort: text("localhostPort"),
      extension: text("extension"), teamId: text("teamId"), teamName: text("teamName"),
      country: text("country"), language: text("language"), locale: text("locale"),
      mobileAgentMode: text("mobileAgentMode"), mobileAgentDialNumber: text("mobileAgentDialNumber"),
      pubsubDomain: text("pubsubDomain"), xmppDomain: text("xmppDomain"),
      clientDriftInMillis: prefs.getInt("clientDriftInMillis"),
      compatibilityMode: text("compatibilityMode"), skillTargetId: text("skillTargetId")
    };
  }

  // Older desktops leave this to the gadget; what is there stays.
  finesse.gadget.Config = finesse.gadget.Config || config();
}(finesse));
