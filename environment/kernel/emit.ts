/**
 * From the ES module that tslab emits for a cell to the CommonJS code that runs.
 *
 * A top-level binding of a cell lives in one place only, the property of the shared object `exports`: declarations become
 * "export let", which makes TypeScript rewrite every reference, also inside functions, to `exports.name`. A later cell
 * that assigns or declares the same name writes to the same property, so earlier functions see the new value.
 */
import type { TypeScript } from './tslab.js';

type Ts = typeof TypeScript;
type Statement = TypeScript.Statement;
export interface Emitted {
  code: string;
  /** From the code back to the source, one map after the other, in JSON: most are never read. */
  maps: string[];
  /** The code awaits at top level. */
  awaits: boolean;
}

/** `cell`: bindings are shared with the other cells. Otherwise an ordinary module. */
export function toCommonJs(ts: Ts, source: string, cell: boolean): Emitted {
  const [body, sourceMap] = splitInlineMap(source);
  let code = body;
  const maps = sourceMap ? [sourceMap] : [];
  const translate = (module: TypeScript.ModuleKind, transformers: TypeScript.CustomTransformers) => {
    const compilerOptions = {
      module,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      noImplicitUseStrict: true,
      sourceMap: true,
    };
    const result = ts.transpileModule(code, { fileName: 'cell.js', compilerOptions, transformers });
    code = result.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    maps.unshift(result.sourceMapText!);
  };
  let awaits = false;
  const noteAwaits: TypeScript.TransformerFactory<TypeScript.SourceFile> = () => (file) => {
    awaits = hasTopLevelAwait(ts, file);
    return file;
  };
  // Two steps, because TypeScript rewrites references only for exports that it has parsed itself.
  if (cell) translate(ts.ModuleKind.ESNext, { before: [noteAwaits, shareBindings(ts)] });
  translate(ts.ModuleKind.CommonJS, cell ? { after: [plainExports(ts)] } : {});
  return { code, maps, awaits };
}

const inlineMap = /\n\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,(\S+)\s*$/;

function splitInlineMap(source: string): [string, string | null] {
  const match = inlineMap.exec(source);
  if (!match) return [source, null];
  return [source.slice(0, match.index + 1), Buffer.from(match[1]!, 'base64').toString()];
}

function hasTopLevelAwait(ts: Ts, file: TypeScript.SourceFile): boolean {
  const search = (node: TypeScript.Node): boolean => {
    if (ts.isFunctionLike(node)) return false;
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
    return ts.forEachChild(node, search) ?? false;
  };
  return search(file);
}

/** Before the CommonJS step: functions, classes and variables that tslab lists in "export { ... }" become "export let". */
function shareBindings(ts: Ts): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  const { factory } = ts;
  const exportLet = (declarations: TypeScript.VariableDeclaration[], from: Statement) => {
    const list = factory.createVariableDeclarationList(declarations, ts.NodeFlags.Let);
    const statement = factory.createVariableStatement(
      [factory.createModifier(ts.SyntaxKind.ExportKeyword)],
      list,
    );
    return ts.setTextRange(statement, from);
  };
  const exportValue = (name: TypeScript.Identifier, value: TypeScript.Expression, from: Statement) =>
    exportLet(
      [factory.createVariableDeclaration(name, undefined, undefined, ts.setTextRange(value, from))],
      from,
    );

  return () => (file) => {
    const listed = new Set(file.statements.flatMap((s) => exportSpecifiers(ts, s).map((e) => e.name.text)));
    const shared = new Set<string>();
    const share = (name: TypeScript.Identifier) => listed.has(name.text) && shared.add(name.text);
    const functions: Statement[] = [];
    const rest: Statement[] = [];
    for (const s of file.statements) {
      if (ts.isFunctionDeclaration(s) && s.name && s.body && share(s.name)) {
        const { modifiers, asteriskToken, name, parameters, body } = s; // hoisted, as the declaration would be
        const plain = factory.createFunctionExpression(
          modifiers?.filter(ts.isModifier),
          asteriskToken,
          name,
          [],
          parameters,
          undefined,
          body,
        );
        functions.push(exportValue(name, plain, s));
      } else if (ts.isClassDeclaration(s) && s.name && share(s.name)) {
        const value = factory.createClassExpression(s.modifiers, s.name, [], s.heritageClauses, s.members);
        rest.push(exportValue(s.name, value, s));
      } else if (ts.isVariableStatement(s) && isShareable(ts, s) && bindingNames(ts, s).every(share)) {
        const declarations = s.declarationList.declarations.map((d) =>
          factory.updateVariableDeclaration(
            d,
            d.name,
            undefined,
            undefined,
            d.initializer ?? factory.createVoidZero(),
          ),
        );
        rest.push(exportLet(declarations, s));
      } else rest.push(s);
    }
    const remaining = rest.map((s) => {
      const others = exportSpecifiers(ts, s).filter((e) => !shared.has(e.name.text));
      if (exportSpecifiers(ts, s).length === others.length || !ts.isExportDeclaration(s)) return s;
      return factory.updateExportDeclaration(
        s,
        s.modifiers,
        false,
        factory.createNamedExports(others),
        undefined,
        undefined,
      );
    });
    return factory.updateSourceFile(file, [...functions, ...remaining]);
  };
}

function exportSpecifiers(ts: Ts, s: Statement): readonly TypeScript.ExportSpecifier[] {
  return ts.isExportDeclaration(s) && s.exportClause && ts.isNamedExports(s.exportClause)
    ? s.exportClause.elements
    : [];
}

/** "var x;" is how TypeScript begins an enum or a namespace: left alone. */
function isShareable(ts: Ts, s: TypeScript.VariableStatement): boolean {
  const { declarations, flags } = s.declarationList;
  return (flags & ts.NodeFlags.BlockScoped) !== 0 || declarations.every((d) => d.initializer);
}

function bindingNames(ts: Ts, s: TypeScript.VariableStatement): TypeScript.Identifier[] {
  const names = (name: TypeScript.BindingName): TypeScript.Identifier[] =>
    ts.isIdentifier(name)
      ? [name]
      : name.elements.flatMap((e) => (ts.isBindingElement(e) ? names(e.name) : []));
  return s.declarationList.declarations.flatMap((d) => names(d.name));
}

/**
 * After the CommonJS step: `exports` is one plain object for all cells. An import becomes an ordinary property that a later cell
 * can replace, and names are not reset to undefined before the cell has run.
 */
function plainExports(ts: Ts): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  const { factory } = ts;
  const isReset = (e: TypeScript.Expression): boolean =>
    ts.isVoidExpression(e) ||
    (ts.isBinaryExpression(e) &&
      ts.isPropertyAccessExpression(e.left) &&
      isNamed(e.left.expression, 'exports') &&
      isReset(e.right));
  const isNamed = (e: TypeScript.Expression, name: string) => ts.isIdentifier(e) && e.text === name;

  return () => (file) => {
    const statements = file.statements.flatMap((s): Statement[] => {
      if (!ts.isExpressionStatement(s)) return [s];
      const e = s.expression;
      // A cell's own "x = void 0" has a place in the source; TypeScript's reset has none.
      if (ts.isBinaryExpression(e) && isReset(e) && s.pos < 0) return [];
      if (!ts.isCallExpression(e)) return [s];
      const [target, key, descriptor] = e.arguments;
      if (
        !target ||
        !isNamed(target, 'exports') ||
        !key ||
        !ts.isStringLiteral(key) ||
        !descriptor ||
        !ts.isObjectLiteralExpression(descriptor)
      )
        return [s];
      if (key.text === '__esModule') return [];
      const getter = descriptor.properties.find(
        (p) => p.name && ts.isIdentifier(p.name) && p.name.text === 'get',
      );
      if (!getter || !ts.isPropertyAssignment(getter) || !ts.isFunctionExpression(getter.initializer))
        return [s];
      const [body] = getter.initializer.body.statements;
      if (!body || !ts.isReturnStatement(body) || !body.expression) return [s];
      const property = factory.createPropertyAccessExpression(target, key.text);
      return [factory.createExpressionStatement(factory.createAssignment(property, body.expression))];
    });
    return factory.updateSourceFile(file, statements);
  };
}
