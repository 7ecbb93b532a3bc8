// Majordomo: a broker of named services. Workers say which service they give, and
// clients ask for a service by its name, over one endpoint. A worker that falls
// silent gets no more requests; those that nobody can answer yet wait here. The
// broker itself gives one service, mmi.service, that tells whether another is there.
//
// Start it, some workers (echo_worker.ts, which uses worker.ts) and clients (ask.ts,
// which uses client.ts), in any order.
//
//     deno run --allow-net examples/guide/majordomo/broker.ts
//     bun examples/guide/majordomo/broker.ts
//     node examples/guide/majordomo/broker.ts
//
// Arguments: the endpoint to bind, the milliseconds between heartbeats.

import process from "node:process";
import { type Frame, type Message, Router, text } from "../../../mod.ts";
import {
  BROKER,
  CLIENT,
  DISCONNECT,
  HEARTBEAT,
  INTERVAL,
  LIVENESS,
  READY,
  REPLY,
  REQUEST,
  WORKER,
} from "./protocol.ts";

interface Service {
  /** Requests that wait for a worker: `[client, empty, ...body]`. */
  readonly requests: Message[];
  /** Workers that wait for a request, the one that has for longest first. */
  readonly idle: Worker[];
  /** How many workers there are, the busy ones included. */
  workers: number;
}

interface Worker {
  readonly id: Frame;
  readonly name: string;
  readonly service: Service;
  /** When it is taken for dead unless it says something. */
  expires: number;
}

const [endpoint = BROKER, interval = INTERVAL] = process.argv.slice(2);
const patience = Number(interval) * LIVENESS;
const services = new Map<string, Service>();
const workers = new Map<string, Worker>();

const router = new Router();
await router.bind(endpoint);
console.log(router.lastEndpoint);

setInterval(() => {
  for (const worker of workers.values()) {
    if (worker.expires > Date.now()) tell(worker.id, HEARTBEAT);
    else remove(worker);
  }
}, Number(interval));

for await (const [id, _empty, speaker, ...rest] of router) {
  if (rest.length === 0) continue; // It says nothing.
  if (text(speaker) === CLIENT) hearClient(id, rest);
  if (text(speaker) === WORKER) hearWorker(id, rest);
}

function hearClient(id: Frame, [name, ...body]: Message): void {
  if (text(name).startsWith("mmi.")) {
    reply(id, text(name), [manage(text(name), body)]);
    return;
  }
  const service = serviceOf(text(name));
  service.requests.push([id, new Uint8Array(), ...body]);
  dispatch(service);
}

function hearWorker(id: Frame, [command, ...rest]: Message): void {
  const key = id.join();
  const worker = workers.get(key);
  const word = text(command);
  if (word === READY && worker === undefined && rest.length === 1) {
    add(key, id, text(rest[0]));
  } else if (worker === undefined) {
    // One that was given up, or of a broker before this one: let it begin anew.
    if (word !== DISCONNECT) tell(id, DISCONNECT);
  } else if (word === DISCONNECT) {
    remove(worker);
  } else {
    worker.expires = Date.now() + patience;
    if (word !== REPLY || rest.length < 3) return;
    const [client, _empty, ...body] = rest;
    reply(client, worker.name, body);
    const { idle } = worker.service;
    if (!idle.includes(worker)) idle.push(worker);
    dispatch(worker.service);
  }
}

function add(key: string, id: Frame, name: string): void {
  const service = serviceOf(name);
  const expires = Date.now() + patience;
  const worker = { id, name, service, expires };
  workers.set(key, worker);
  service.workers++;
  service.idle.push(worker);
  console.log(`a worker has come: ${name}`);
  dispatch(service);
}

function remove({ id, name, service }: Worker): void {
  workers.delete(id.join());
  service.workers--;
  const at = service.idle.findIndex((worker) => worker.id === id);
  if (at >= 0) service.idle.splice(at, 1);
  console.log(`a worker has gone: ${name}`);
}

/** Gives waiting requests to waiting workers. */
function dispatch({ requests, idle }: Service): void {
  while (requests.length > 0 && idle.length > 0) {
    tell(idle.shift()!.id, REQUEST, ...requests.shift()!);
  }
}

function tell(worker: Frame, command: string, ...rest: Message): void {
  router.trySend([worker, null, WORKER, command, ...rest]);
}

function reply(client: Frame, service: string, body: (Frame | string)[]): void {
  router.trySend([client, null, CLIENT, service, ...body]);
}

/** The broker's own services: RFC 8. */
function manage(name: string, [service]: Message): string {
  if (name !== "mmi.service" || service === undefined) return "501";
  const known = services.get(text(service));
  return known !== undefined && known.workers > 0 ? "200" : "404";
}

function serviceOf(name: string): Service {
  let service = services.get(name);
  if (service === undefined) {
    service = { requests: [], idle: [], workers: 0 };
    services.set(name, service);
  }
  return service;
}
