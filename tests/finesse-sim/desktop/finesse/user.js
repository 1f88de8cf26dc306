// finesse.restservices.User (Finesse notes 3.2).
(function (finesse) {
  "use strict";

  var Rest = finesse.restservices.RestBase;

  function fault(name) { return window.gadgets.sim.fault(name); }

  function User(options) {
    this.restType = "User";
    Rest.call(this, options);
  }
  User.States = {};
  ["LOGIN", "LOGOUT", "NOT_READY", "READY", "RESERVED", "RESERVED_OUTBOUND", "RESERVED_OUTBOUND_PREVIEW",
    "TALKING", "HOLD", "WORK", "WORK_READY"].forEach(function (state) { User.States[state] = state; });
  User.prototype = Object.create(Rest.prototype);

  function code(element) {
    var uri = element.uri || "";
    var made = { label: element.label, id: element.id || uri.split("/").pop(), code: element.code, uri: uri };
    made.category = element.category;
    made.forAll = element.forAll;
    made.systemCode = element.systemCode;
    return made;
  }

  function shaped(codes) {
    switch (fault("reason_list")) {
    case "undefined": return undefined;
    case "empty": return [];
    case "single": return codes[0];
    case "uri_only":
      codes.forEach(function (one) { delete one.id; });
      return codes;
    // An empty list is told by nothing at all.
    default: return codes.length ? codes : undefined;
    }
  }

  var methods = {
    getRestUrl: function () { return "/finesse/api/User/" + encodeURIComponent(this.id); },
    getState: function () { return this.data.state; },
    getPendingState: function () {
      var pending = this.data.pendingState;
      if (pending) { return pending; }
      var shape = fault("empty_pending_state");
      return shape === "undefined" ? undefined : shape === "object" ? {} : "";
    },
    isPendingStateChange: function () { return Boolean(this.data.pendingState); },
    getStateChangeTime: function () { return this.data.stateChangeTime; },
    getReasonCode: function () { return finesse.xml.field(this.data, "reasonCode"); },
    getReasonCodeLabel: function () {
      var reason = finesse.xml.field(this.data, "reasonCode");
      return reason ? reason.label : "";
    },
    getNotReadyReasonCodeId: function () {
      var id = this.data.reasonCodeId;
      return id === "-1" ? undefined : id;
    },
    isReasonCodeReserved: function () {
      var reason = finesse.xml.field(this.data, "reasonCode");
      return Boolean(reason) && reason.systemCode === "true";
    },
    getExtension: function () { return this.data.extension; },
    getFirstName: function () { return this.data.firstName; },
    getLastName: function () { return this.data.lastName; },
    getFullName: function () { return this.data.firstName + " " + this.data.lastName; },
    getLoginName: function () { return this.data.loginName; },
    getTeamId: function () { return this.data.teamId; },
    getTeamName: function () { return this.data.teamName; },
    getMediaState: function () { return this.data.mediaState; },
    getRoles: function () { return finesse.xml.list(this.data.roles && this.data.roles.role); },
    hasAgentRole: function () { return this.getRoles().indexOf("Agent") >= 0; },
    hasSupervisorRole: function () { return this.getRoles().indexOf("Supervisor") >= 0; },
    getSupervisedTeams: function () { return finesse.xml.list(this.data.teams && this.data.teams.Team); },
    getWrapUpOnIncoming: function () { return this.data.settings && this.data.settings.wrapUpOnIncoming; },
    isWrapUpRequired: function () { return /^REQUIRED/.test(this.getWrapUpOnIncoming() || ""); },
    isWrapUp: function () { return this.data.state === "WORK" || this.data.state === "WORK_READY"; },
    getDialogs: function () { return this.data.dialogs; },

    setState: function (state, reason, handlers) {
      var fields = { state: state };
      if (reason) { fields.reasonCodeId = reason.id; }
      return this.change("PUT", this.getRestUrl(), finesse.xml.write("User", fields), handlers);
    },
    login: function (extension, handlers) {
      var body = finesse.xml.write("User", { state: "LOGIN", extension: extension });
      return this.change("PUT", this.getRestUrl(), body, handlers);
    },
    logout: function (reason, handlers) { return this.setState("LOGOUT", reason, handlers); },

    getReasonCodes: function (category, handlers) {
      var path = this.getRestUrl() + "/ReasonCodes?category=" + category;
      finesse.clientservices.ClientServices.makeRequest(path, function (told) {
        var answer = finesse.restservices.response(told.rc, told.text, told.errors.length ? told.errors : undefined);
        if (told.rc < 200 || told.rc >= 300 || !answer.object) { finesse.call(handlers.error, answer); return; }
        var list = answer.object.ReasonCodes;
        finesse.call(handlers.success, shaped(finesse.xml.list(list && list.ReasonCode).map(code)));
      }, { METHOD: "GET" });
    },
    getNotReadyReasonCodes: function (handlers) { this.getReasonCodes("NOT_READY", handlers); },
    getSignoutReasonCodes: function (handlers) { this.getReasonCodes("LOGOUT", handlers); },
    getReasonCodeById: function (handlers, id) {
      var path = this.getRestUrl() + "/ReasonCode/" + id;
      finesse.clientservices.ClientServices.makeRequest(path, function (told) {
        var answer = finesse.restservices.response(told.rc, told.text, told.errors.length ? told.errors : undefined);
        var found = answer.object && answer.object.ReasonCode;
        if (found) { finesse.call(handlers.success, code(found)); } else { finesse.call(handlers.error, answer); }
      }, { METHOD: "GET" });
    }
  };
  Object.keys(methods).forEach(function (name) { User.prototype[name] = methods[name]; });
  User.prototype.constructor = User;
  if (fault("no_get_reason_code")) { delete User.prototype.getReasonCode; }

  finesse.restservices.User = User;
}(finesse));
