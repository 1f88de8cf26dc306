// Opens the desktop: who, where, which layout.
(function (window, container) {
  "use strict";

  var WORDS = {
    failing: "The connection to Finesse is failing. Calls are not affected.",
    disconnected: "The connection to Finesse is lost."
  };

  function field(object, name) { return object[name] === undefined ? "" : object[name]; }

  function configure(user, system, drift) {
    var at = window.location;
    container.Config = {
      id: user.loginId,
      authorization: container.session.auth,
      host: at.hostname, hostPort: at.port, restHost: at.hostname, scheme: at.protocol.replace(":", ""),
      localhostFQDN: at.hostname, localhostPort: at.port, externalServerHost: at.host,
      extension: field(user, "extension"), teamId: field(user, "teamId"), teamName: field(user, "teamName"),
      country: "US", language: "en", lang: "en", locale: "en_US",
      mobileAgentMode: "", mobileAgentDialNumber: "",
      pubsubDomain: field(system, "xmppPubSubDomain"), xmppDomain: field(system, "xmppDomain"),
      clientDriftInMillis: String(-drift), compatibilityMode: "", skillTargetId: field(user, "skillTargetId")
    };
  }

  function otherNode(system) {
    var nodes = [system.primaryNode, system.secondaryNode].filter(Boolean).map(function (node) {
      return window.location.protocol + "//" + node.host + ":" + node.httpsPort;
    });
    return nodes.filter(function (node) { return node !== window.location.origin; })[0] || null;
  }

  function layoutOf(user) {
    var roles = finesse.xml.list(user.roles && user.roles.role);
    var role = roles.indexOf("Supervisor") >= 0 ? "Supervisor" : "Agent";
    return window.fetch("/desktop/layout?role=" + role, { cache: "no-store" }).then(function (answer) {
      if (!answer.ok) { throw new Error("the layout has no role " + role); }
      return answer.json();
    });
  }

  var system = {};
  var drift = 0;
  if (!container.session.auth) { return; }
  container.session.ask("/finesse/api/SystemInfo").then(function (answer) {
    system = answer.object.SystemInfo;
    drift = Date.parse(system.currentTimestamp) - Date.now() || 0;
    return container.state.read();
  }).then(function (user) {
    configure(user, system, drift);
    return layoutOf(user);
  }).then(function (layout) {
    container.state.start(drift);
    container.events.onStatus(function (status) {
      container.state.trouble(WORDS[status] || "", "connection");
      if (status === "recovered") { container.state.read(); }
    });
    container.events.start(otherNode(system));
    container.frames.show(layout);
    window.document.body.dataset.ready = "yes";
  }).catch(function (error) {
    container.state.trouble("The desktop cannot be shown: " + error.message);
  });
}(window, finesse.container));
