using System.Collections;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec.Text;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec;

/// <summary>
/// Reads a <see cref="TrainingSpec"/> from YAML or JSON (which is YAML too). Keys are the proto's names, in snake_case or
/// camelCase; enum values are lower case without their prefix; YAML's null leaves a field open, and so does <c>auto</c>
/// where the value then comes from the data. All that is wrong is reported at once, each with its line.
/// </summary>
public sealed class SpecReader
{
    private const long MaxFileBytes = 1_000_000;

    private readonly List<SpecError> errors = [];

    private SpecReader()
    {
    }

    /// <summary>Reads a file and then applies <c>path=value</c> changes such as <c>optimizer.lr=0.001</c>.</summary>
    /// <exception cref="BadInputException">The file is missing or something in it is wrong.</exception>
    public static TrainingSpec ReadFile(string path, IReadOnlyList<string> changes) => Read(ReadText(path), path, changes);

    /// <summary>
    /// Reads a file and checks what it says, as <see cref="SpecValidator"/> does with the model config: a mistake of one kind does not hide
    /// those of another.
    /// </summary>
    /// <exception cref="BadInputException">The file is missing or something in it is wrong.</exception>
    public static TrainingSpec ReadCheckedFile(string path, IReadOnlyList<string> changes, bool withModelConfig = true) =>
        ReadChecked(ReadText(path), path, changes, withModelConfig);

    /// <inheritdoc cref="ReadCheckedFile"/>
    public static TrainingSpec ReadChecked(string text, string source, IReadOnlyList<string>? changes = null, bool withModelConfig = true)
    {
        var reader = new SpecReader();
        if (reader.ReadRoot(text, source, changes ?? []) is { } spec)
            reader.errors.AddRange(
                SpecValidator.Find(spec, withModelConfig).Where(found => !reader.errors.Any(found.FollowsFrom)).ToList());
        else
            spec = new TrainingSpec();
        return reader.Result(spec);
    }

    /// <summary>Reads text; <paramref name="source"/> names it in errors.</summary>
    public static TrainingSpec Read(string text, string source, IReadOnlyList<string>? changes = null)
    {
        var reader = new SpecReader();
        return reader.Result(reader.ReadRoot(text, source, changes ?? []) ?? new TrainingSpec());
    }

    private static string ReadText(string path) => FileKinds.Of(path) == FileKind.Missing
        ? throw new BadInputException($"{Path.GetFullPath(path)}: there is no such spec file; give the path of a YAML or JSON file.")
        : InputFile.ReadText(path, null, MaxFileBytes, pipe: true);

    private TrainingSpec Result(TrainingSpec spec) =>
        errors.Count == 0 ? spec : throw new BadInputException([.. errors.Select(error => error.Found)]);

    /// <returns>Null: it is not a mapping.</returns>
    private TrainingSpec? ReadRoot(string text, string source, IReadOnlyList<string> changes)
    {
        var root = Parse(text, source, numbered: true);
        if (root is null)
            return null;
        if (root is not SpecMap)
        {
            errors.Add(new SpecError("", $"{source}: expected a mapping of keys and values, as in `name: demo`."));
            return null;
        }
        foreach (string change in changes)
            root = Change(root, change);
        var spec = new TrainingSpec();
        if (root is SpecMap map)
            ReadMessage(map, spec, "");
        return spec;
    }

    private SpecNode? Parse(string text, string source, bool numbered)
    {
        var found = new List<string>();
        var root = YamlReader.Read(text, source, numbered, found);
        errors.AddRange(found.Select(error => new SpecError(" ", error))); // no path: nothing else follows from it
        return root;
    }

    private SpecNode Change(SpecNode root, string change)
    {
        int equals = change.IndexOf('=', StringComparison.Ordinal);
        string source = $"--set {change}";
        if (equals <= 0)
        {
            errors.Add(new SpecError(" ", $"{source}: write path=value, for example optimizer.lr=0.001."));
            return root;
        }
        if (Parse(change[(equals + 1)..], source, numbered: false) is not { } value)
            return root;
        try
        {
            return SpecChange.Apply(root, change[..equals], value, source);
        }
        catch (SpecSyntaxException wrong)
        {
            errors.Add(new SpecError(" ", wrong.Message));
            return root;
        }
    }

    private void ReadMessage(SpecMap node, IMessage message, string path)
    {
        var fields = message.Descriptor.Fields.InDeclarationOrder();
        var given = new Dictionary<FieldDescriptor, string>();
        foreach (var (key, value, where) in node.Entries)
        {
            string at = Join(path, key);
            if (fields.FirstOrDefault(f => f.Name == key || f.JsonName == key) is not { } field)
            {
                string? near = Suggestion.Nearest(key, fields.Select(f => f.Name));
                string shown = Join(path, FileWords.Of(key));
                string? meant = near is null ? SpecFields.PathOf(key) : Join(path, near);
                Add(
                    meant ?? shown,
                    where,
                    $"{shown} is not a field of the spec; "
                        + $"{(meant is null ? "known" : $"did you mean {meant}? Known")} here: "
                        + $"{string.Join(", ", fields.Select(f => f.Name))}."
                );
            }
            else if (!given.TryAdd(field, key))
            {
                Add(at, where, $"{at} is given as {Join(path, given[field])} already; keep one of them.");
            }
            else if (field.IsRepeated)
            {
                ReadList(value, field, message, Join(path, field.Name));
            }
            else if (ReadValue(value, field, Join(path, field.Name)) is { } read)
            {
                field.Accessor.SetValue(message, read);
            }
        }
    }

    private void ReadList(SpecNode node, FieldDescriptor field, IMessage message, string path)
    {
        if (node is SpecScalar { IsNull: true })
            return;
        if (node is not SpecList items)
        {
            Add(
                path,
                node.Where,
                $"{path} is not a list; write it as " + $"{(field.FieldType == FieldType.Message ? "[{path: shards}]" : "[a, b]")}."
            );
            return;
        }
        var list = (IList)field.Accessor.GetValue(message);
        for (int i = 0; i < items.Items.Count; i++)
        {
            string at = $"{path}[{i}]";
            if (items.Items[i] is SpecScalar { IsNull: true } none)
                Add(
                    at,
                    none.Where,
                    $"{at} is empty; expected "
                        + $"{(field.FieldType == FieldType.Message ? SpecFields.Keys(field.MessageType) : SpecValues.Expected(field))}."
                );
            else if (ReadValue(items.Items[i], field, at) is { } read)
                list.Add(read);
        }
    }

    /// <summary>The value, or null where it was left open or wrong.</summary>
    private object? ReadValue(SpecNode node, FieldDescriptor field, string path)
    {
        if (node is SpecScalar { IsNull: true })
            return null;
        if (field.FieldType == FieldType.Message)
        {
            if (node is not SpecMap map)
            {
                Add(path, node.Where, $"{path} holds {Show(node)}; expected {SpecFields.Keys(field.MessageType)}.");
                return null;
            }
            var child = field.MessageType.Parser.ParseFrom(ByteString.Empty);
            ReadMessage(map, child, path);
            return child;
        }
        if (node is not SpecScalar scalar)
        {
            Add(path, node.Where, $"{path} holds {Show(node)}; expected {SpecValues.Expected(field)}.");
            return null;
        }
        bool isAuto = scalar.Text == SpecValues.Auto && (scalar.IsPlain || field.FieldType != FieldType.String);
        if (isAuto && SpecValues.TakesAuto(field))
            return null;
        object? value = isAuto ? null : SpecValues.Convert(scalar.Text, field);
        if (value is null)
            Add(
                path,
                node.Where,
                $"{path} is {Show(scalar)}; expected "
                    + $"{SpecValues.Expected(field)}{SpecValues.Remedy(scalar.Text, field)}.".Replace("?.", "?", StringComparison.Ordinal)
            );
        return value;
    }

    private void Add(string path, string where, string error) => errors.Add(new SpecError(path, $"{where}: {error}"));

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string Show(SpecNode node) => node switch
    {
        SpecScalar scalar => $"'{FileWords.Of(scalar.Text, 60)}'",
        SpecList => "a list",
        _ => "a mapping",
    };
}
