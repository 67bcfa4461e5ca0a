import { fileURLToPath } from 'node:url';
import loader, { type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';

/** The `.proto` files of this package, read by a library that shares nothing with the product. */
export const PROTOS: PackageDefinition = loader.loadSync(
  ['kms.proto', 'operation.proto', 'endpoint.proto', 'iam.proto', 'rpc.proto'],
  {
    includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
    keepCase: true,
    longs: Number,
    enums: String,
    bytes: Buffer,
  },
);

export function messageType(name: string): MessageTypeDefinition<object, object> {
  const found = PROTOS[name];
  if (found === undefined || !('serialize' in found)) throw new Error(`no message ${name}`);
  return found as MessageTypeDefinition<object, object>;
}

/** A field as its file declares it. */
export interface DeclaredField {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly typeName: string;
  readonly repeated: boolean;
}

export function declaredFields(name: string): readonly DeclaredField[] {
  const { type } = messageType(name) as unknown as {
    type: {
      field: { name: string; number: number; type: string; typeName: string; label: string }[];
    };
  };
  return type.field.map((field) => ({
    name: field.name,
    number: field.number,
    type: field.type,
    typeName: field.typeName,
    repeated: field.label === 'LABEL_REPEATED',
  }));
}

interface EnumType {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

/** Value names of all enums of KMS, by the enum's name, in the order of their numbers. */
export function declaredEnums(): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = {};
  const add = (name: string, { value }: EnumType): void => {
    found[name] = [...value].sort((a, b) => a.number - b.number).map((one) => one.name);
  };
  for (const [full, definition] of Object.entries(PROTOS)) {
    const name = full.replace('yandex.cloud.kms.v1.', '');
    if (name === full || !('format' in definition)) continue;
    const type = definition.type as unknown as EnumType & { enumType?: readonly EnumType[] };
    if (String(definition.format).includes('Enum')) add(name, type);
    for (const nested of type.enumType ?? []) add(`${name}.${nested.name}`, nested);
  }
  return found;
}
