// What Shindig puts into every gadget's frame: preferences, addresses, JSON (Finesse notes 3.1, 4.1).
(function (window) {
  "use strict";

  var start = { mid: "0", prefs: {}, title: "", faults: {} };
  var handlers = [];
  var configured = [];
  var gadgets = (window.gadgets = window.gadgets || {});

  function urlParameters() {
    var found = {};
    window.location.search.replace(/^\?/, "").split("&").forEach(function (pair) {
      var at = pair.indexOf("=");
      if (at > 0) {
        found[decodeURIComponent(pair.slice(0, at))] = decodeURIComponent(pair.slice(at + 1).replace(/\+/g, " "));
      }
    });
    return found;
  }

  gadgets.config = {
    init: function (given) {
      start = given;
      configured.forEach(function (heard) { heard(given); });
    },
    register: function (feature, validators, heard) { configured.push(heard); }
  };

  // The simulator's own: what this frame was rendered with.
  gadgets.sim = { start: function () { return start; }, fault: function (name) { return start.faults[name]; } };

  gadgets.util = {
    getUrlParameters: urlParameters,
    registerOnLoadHandler: function (handler) { handlers.push(handler); },
    runOnLoadHandlers: function () { handlers.splice(0).forEach(function (handler) { handler(); }); },
    hasFeature: function () { return true; },
    escapeString: function (text) {
      return String(text).replace(/[&<>"']/g, function (c) { return "&#" + c.charCodeAt(0) + ";"; });
    }
  };

  gadgets.json = {
    parse: function (text) { try { return JSON.parse(text); } catch (e) { return false; } },
    stringify: function (value) { return JSON.stringify(value); }
  };

  gadgets.Prefs = function () {
    this.all = {};
    var given = urlParameters();
    var name;
    for (name in start.prefs) { this.all[name] = start.prefs[name]; }
    for (name in given) {
      if (name.indexOf("up_") === 0) { this.all[name.slice(3)] = given[name]; }
    }
    // Never in an address, unlike the others.
    this.all.authorization = window.sessionStorage.userFinesseAuth || "";
  };
  gadgets.Prefs.prototype = {
    getString: function (name) { return name in this.all ? String(this.all[name]) : ""; },
    getInt: function (name) { return parseInt(this.getString(name), 10) || 0; },
    getFloat: function (name) { return parseFloat(this.getString(name)) || 0; },
    getBool: function (name) { return /^(true|1)$/i.test(this.getString(name)); },
    getArray: function (name) { return this.getString(name) === "" ? [] : this.getString(name).split("|"); },
    getMsg: function () { return ""; },
    getModuleId: function () { return start.mid; },
    getCountry: function () { return this.getString("country") || "ALL"; },
    getLang: function () { return this.getString("lang") || "en"; },
    set: function (name, value) { this.all[name] = String(value); }
  };
}(window));
