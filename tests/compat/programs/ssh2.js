// A client made of ssh2. See clients/library.py for how it is called.
"use strict";

const { execFileSync } = require("node:child_process");
const { randomBytes } = require("node:crypto");
const { readFileSync } = require("node:fs");
const net = require("node:net");
const { Client } = require("ssh2");

const LOOPBACK = "127.0.0.1";
const HOST = process.env.TO_HOST;

const isKnown = (key) => {
  const lines = readFileSync(process.env.TO_KNOWN_HOSTS, "utf8").split("\n").map((line) => line.split(" "));
  return lines.some(([host, , known]) => host === HOST && known === key.toString("base64"));
};

function connect(verb) {
  const client = new Client();
  const keys = { privateKey: readFileSync(process.env.TO_KEY), hostVerifier: isKnown };
  const patience = verb === "stay" ? { keepaliveInterval: 1000 } : {};
  client.connect({ host: HOST, username: process.env.TO_USER, ...keys, ...patience });
  return new Promise((resolve, reject) => client.once("ready", () => resolve(client)).on("error", reject));
}

// A function that tells its last argument how it went, as a promise.
const asked = (ask) => new Promise((resolve, reject) => ask((error, answer) => (error ? reject(error) : resolve(answer))));

// A channel, and what its command will have ended with: that may come with the very packet that opens it.
const opened = (ask) =>
  asked((answer) =>
    ask((error, channel) => {
      const ended = new Promise((resolve) => {
        let status;
        channel?.on("exit", (code) => (status = code)).on("close", () => resolve(status));
      });
      answer(error, { channel, ended });
    }),
  );

async function execute(client, command) {
  const { channel, ended } = await opened((answer) => client.exec(command, answer));
  process.stdin.pipe(channel);
  channel.pipe(process.stdout);
  channel.stderr.pipe(process.stderr);
  return ended;
}

async function shell(client) {
  const stty = (...words) => execFileSync("stty", words, { stdio: ["inherit", "pipe", "inherit"] }).toString();
  const size = () => stty("size").trim().split(" ").map(Number);
  const [rows, cols] = size();
  const { channel, ended } = await opened((answer) => client.shell({ term: process.env.TERM, rows, cols }, answer));
  process.on("SIGWINCH", () => channel.setWindow(...size(), 0, 0));
  stty("raw", "-echo");
  process.stdin.pipe(channel);
  channel.pipe(process.stdout);
  return ended;
}

async function copy(client, verb, words) {
  const one = async (source, target) => {
    const files = await asked((answer) => client.sftp(answer));
    await asked((answer) => files[verb](source, target, answer));
    files.end();
  };
  await Promise.all(Array.from({ length: words.length / 2 }, (_, i) => one(words[2 * i], words[2 * i + 1])));
}

const join = (peer, channel) => peer.pipe(channel).pipe(peer).on("error", () => channel.end());

async function localForward(client, near, far) {
  const server = net.createServer({ allowHalfOpen: true }, async (peer) => {
    join(peer, await asked((answer) => client.forwardOut(LOOPBACK, peer.remotePort, LOOPBACK, far, answer)));
  });
  server.listen(near, LOOPBACK);
  await new Promise(() => {});
}

async function remoteForward(client, far, near) {
  client.on("tcp connection", (_, accept) => join(net.connect({ port: near, host: LOOPBACK, allowHalfOpen: true }), accept()));
  await asked((answer) => client.forwardIn(LOOPBACK, far, answer));
  await new Promise(() => {});
}

async function echo(client, channels, size) {
  const sent = randomBytes(size);
  const one = async () => {
    const { channel, ended } = await opened((answer) => client.exec("cat", answer));
    const given = [];
    channel.on("data", (part) => given.push(part));
    channel.end(sent);
    await ended;
    return Buffer.concat(given).equals(sent);
  };
  const good = await Promise.all(Array.from({ length: channels }, one));
  console.log(good.filter(Boolean).length);
}

async function run(client, verb, words) {
  switch (verb) {
    case "execute":
      return execute(client, ...words);
    case "shell":
      return shell(client);
    case "upload":
      return copy(client, "fastPut", words);
    case "download":
      return copy(client, "fastGet", words);
    case "local_forward":
      return localForward(client, ...words.map(Number));
    case "remote_forward":
      return remoteForward(client, ...words.map(Number));
    case "echo":
      return echo(client, ...words.map(Number));
    case "stay":
      return execute(client, `sleep ${words[0]}; hostname`);
    default:
      throw new Error(`no verb ${verb}`);
  }
}

async function main(verb, ...words) {
  if (verb === "version") {
    console.log("ssh2", require("ssh2/package.json").version);
    return;
  }
  const client = await connect(verb);
  process.exitCode = await run(client, verb, words);
  client.end();
  process.stdin.destroy();
}

main(...process.argv.slice(2));
