// What every object of the REST API does: read once, listen, be read again (Finesse notes 3.2, 4.1).
(function (finesse) {
  "use strict";

  var TRIES = 10;
  var BETWEEN_TRIES = 10000;
  var owners = {};

  /** The answer in the shape that handlers get. */
  function response(rc, text, errors) {
    var object = finesse.xml.read(text);
    var told = { status: rc, content: text, object: object, isUnsent: false };
    var first = object && object.ApiErrors && finesse.xml.list(object.ApiErrors.ApiError)[0];
    if (first || errors) {
      told.error = {
        errorType: first ? first.ErrorType : "Unknown",
        errorMessage: first ? first.ErrorMessage : (errors || []).join(", ")
      };
    }
    return told;
  }

  /** What failed after it was accepted, as if it had been refused. */
  function failedLater(update) {
    var one = finesse.xml.list(update.data.apiErrors.apiError)[0] || {};
    var error = { ErrorData: one.errorData, ErrorMessage: one.errorMessage, ErrorType: one.errorType };
    return {
      status: 400,
      object: { ApiErrors: { ApiError: error } },
      error: { errorType: one.errorType, errorMessage: one.errorMessage }
    };
  }

  function Rest(options) {
    this.id = options.id;
    this.handlers = options;
    this.data = {};
    this.loaded = false;
    this.muted = false;
    this.pending = {};
    this.topic = finesse.clientservices.ClientServices.getNodeTopic(this.getRestUrl());
    if (owners[this.topic]) {
      // The node is taken by another object of this gadget.
      window.setTimeout(function () {
        finesse.call(options.onError, { status: 0, error: { errorType: "Unknown", errorMessage: "already subscribed" } });
      }, 0);
      return;
    }
    owners[this.topic] = this;
    this.begin();
  }

  Rest.prototype = {
    getId: function () { return this.id; },
    getData: function () { return this.data; },
    getProperty: function (name) { return this.data[name]; },

    begin: function () {
      var self = this;
      var services = finesse.clientservices.ClientServices;
      services.registerOnConnectHandler(function () {
        if (!self.muted) { return; }
        self.muted = false;
        self.again(TRIES);
      });
      services.registerOnDisconnectHandler(function () { self.muted = true; });
      this.read(function (error) {
        if (error) { finesse.call(self.handlers.onError, error); return; }
        services.subscribe(self.topic, function (update) { self.heard(update); });
        services.subscribeNode(self.getRestUrl(), function () { return undefined; });
        self.loaded = true;
        finesse.call(self.handlers.onLoad, self);
      });
    },

    /** After a loss: read until it works; then it counts as a change. */
    again: function (tries) {
      var self = this;
      this.read(function (error) {
        if (!error) { finesse.call(self.handlers.onChange, self); return; }
        if (tries > 1 && !self.muted) {
          window.setTimeout(function () { self.again(tries - 1); }, BETWEEN_TRIES);
        } else {
          finesse.call(self.handlers.onError, error);
        }
      });
    },

    read: function (done) {
      var self = this;
      finesse.clientservices.ClientServices.makeRequest(this.getRestUrl(), function (told) {
        var answer = response(told.rc, told.text, told.errors);
        var data = answer.object && answer.object[self.restType];
        if (told.rc < 200 || told.rc >= 300 || !data) { done(answer); return; }
        self.data = data;
        done();
      }, { METHOD: "GET" });
    },

    refresh: function (handlers) {
      var self = this;
      this.read(function (error) {
        if (error) { finesse.call(handlers && handlers.error, error); return; }
        finesse.call(self.handlers.onChange, self);
        finesse.call(handlers && handlers.success, self);
      });
    },

    heard: function (told) {
      if (this.muted) { return; }
      var update = told && told.object && told.object.Update;
      if (!update || !update.data) { return; }
      if (update.data.apiErrors) { this.failed(update); return; }
      if (String(update.event) === "DELETE") { finesse.call(this.handlers.onDelete, this); return; }
      // Lower-case words are heard by nobody, as in the vendor's library.
      if (update.event !== "PUT" && update.event !== "POST") { return; }
      var data = finesse.xml.field(update.data, this.restType);
      if (!data) { return; }
      this.data = data;
      finesse.call(update.event === "POST" ? this.handlers.onAdd : this.handlers.onChange, this);
    },

    failed: function (update) {
      var waiting = this.pending[update.requestId];
      delete this.pending[update.requestId];
      if (waiting) { finesse.call(waiting.error, failedLater(update)); }
    },

    /** Changes the object; `success` says that it was accepted, `error` may follow it. */
    change: function (method, path, body, handlers) {
      var self = this;
      var id = finesse.utilities.Utilities.generateUUID();
      this.pending[id] = handlers || {};
      finesse.clientservices.ClientServices.makeRequest(path, function (told) {
        var answer = response(told.rc, told.text, told.errors.length ? told.errors : undefined);
        if (told.rc >= 200 && told.rc < 300) {
          finesse.call(handlers && handlers.success, answer);
          return;
        }
        delete self.pending[id];
        finesse.call(handlers && handlers.error, answer);
      }, {
        METHOD: method,
        CONTENT_TYPE: "application/xml",
        HEADERS: { requestId: id, "Content-Type": "application/xml" },
        POST_DATA: body,
        GET_FULL_HEADERS: "true"
      });
      return this;
    }
  };

  finesse.restservices.RestBase = Rest;
  finesse.restservices.response = response;
}(finesse));
