import * as alibaba from '@keyglot/adapter-alibaba';
import * as aws from '@keyglot/adapter-aws';
import * as ncp from '@keyglot/adapter-ncp';
import * as yandex from '@keyglot/adapter-yandex';
import type { CoverageRow, FaultRow } from '@keyglot/dialect';
import { MOUNTS, type Mount } from '../../packages/gateway/src/claim/place.js';

/** What the documents say of one dialect. */
export interface DescribedDialect {
  readonly name: Mount;
  readonly title: string;
  readonly operations: readonly CoverageRow[];
}

const TITLES: { readonly [Name in Mount]: string } = {
  aws: 'AWS KMS',
  qkms: 'QKMS',
  alibaba: 'Alibaba Cloud KMS',
  yandex: 'Yandex Cloud KMS',
  ncp: 'NAVER Cloud (NCP) KMS',
};

const ROWS: readonly CoverageRow[] = [aws, alibaba, yandex, ncp].flatMap((adapter) =>
  adapter.describeOperations(),
);

/** All dialects with their operations, in the order in which the documents name them. */
export const DIALECTS: readonly DescribedDialect[] = MOUNTS.map((name) => ({
  name,
  title: TITLES[name],
  operations: ROWS.filter(({ dialect }) => dialect === name),
}));

/** Fault tables, by the folder name of their adapter behind `adapter-`. QKMS has that of AWS. */
export const FAULTS: { readonly [adapter: string]: () => readonly FaultRow[] } = {
  aws: aws.describeFaults,
  alibaba: alibaba.describeFaults,
  yandex: yandex.describeFaults,
  ncp: ncp.describeFaults,
};
