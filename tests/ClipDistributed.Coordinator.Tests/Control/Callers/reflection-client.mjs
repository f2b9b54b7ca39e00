// One call of the control API without its protos: node reflection-client.mjs ADDRESS RPC REQUEST TOKEN_FILE
// CLIPD_REFLECTION_CLIENT names a folder where `npm install grpc-js-reflection-client @grpc/grpc-js` was run. Prints a line of JSON for
// each message.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.CLIPD_REFLECTION_CLIENT}/`);
const grpc = require('@grpc/grpc-js');
const { GrpcReflection } = require('grpc-js-reflection-client');

const [address, rpc, request, tokenFile] = process.argv.slice(2);
const credentials = grpc.credentials.createInsecure();
const reflection = new GrpcReflection(address, credentials);
let client;
for (const service of await reflection.listServices()) {
  if (!service.startsWith('clipdistributed.control.v1.'))
    continue;
  const descriptor = await reflection.getDescriptorBySymbol(service);
  const types = descriptor.getPackageObject({ keepCase: true, enums: String, longs: Number, bytes: String });
  const Client = types.clipdistributed.control.v1[service.split('.').at(-1)];
  if (Object.keys(Client.service).includes(rpc))
    client = new Client(address, credentials);
}

// It knows fields by their names in the proto; proto3's JSON has them in camelCase.
const rename = (value, how) => Array.isArray(value) ? value.map(item => rename(item, how))
  : value === null || typeof value !== 'object' ? value
  : Object.fromEntries(Object.entries(value).map(([name, field]) => [how(name), rename(field, how)]));
const snake = name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
const camel = name => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

const print = message => console.log(JSON.stringify(rename(message, camel)));
const end = error => {
  if (error)
    print({ grpcStatus: error.code, text: error.details });
  process.exit(0); // its connections stay open
};
const metadata = new grpc.Metadata();
metadata.set('authorization', `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`);
const message = rename(JSON.parse(request), snake);
if (client[rpc].responseStream) {
  client[rpc](message, metadata).on('data', print).on('error', end).on('end', () => end());
} else {
  client[rpc](message, metadata, (error, response) => {
    if (!error)
      print(response);
    end(error);
  });
}
