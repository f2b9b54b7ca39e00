using System.Collections;
using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ClipDistributed.Contracts.Spec;

/// <summary>
/// Reads a <see cref="TrainingSpec"/> from YAML or JSON (which is YAML too). Keys are the proto's names, in snake_case or
/// camelCase; enum values are lower case without their prefix; <c>auto</c> and YAML's null leave a field open. All that is
/// wrong is reported at once, each with its line.
/// </summary>
public sealed class SpecReader
{
    private const long LargestFile = 4_000_000;

    private readonly string source;
    private readonly List<string> errors = [];

    private SpecReader(string source) => this.source = source;

    /// <summary>Reads a file and then applies <c>path=value</c> changes such as <c>optimizer.lr=0.001</c>.</summary>
    /// <exception cref="BadInputException">The file is missing or something in it is wrong.</exception>
    public static TrainingSpec ReadFile(string path, IReadOnlyList<string> changes)
    {
        if (FileKinds.Of(path) == FileKind.Missing)
            throw new BadInputException($"{Path.GetFullPath(path)}: there is no such spec file; give the path of a YAML or JSON file.");
        return Read(InputFile.ReadText(path, null, LargestFile, pipe: true), path, changes);
    }

    /// <summary>Reads text; <paramref name="source"/> names it in errors.</summary>
    public static TrainingSpec Read(string text, string source, IReadOnlyList<string>? changes = null)
    {
        var reader = new SpecReader(source);
        var spec = new TrainingSpec();
        if (reader.Parse(text) is { } root)
        {
            foreach (var change in changes ?? [])
                reader.Change(root, change);
            reader.ReadMessage(root, spec, "");
        }
        return reader.errors.Count == 0 ? spec : throw new BadInputException(reader.errors);
    }

    private YamlMappingNode? Parse(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root)
                return root;
            errors.Add($"{source}: expected one mapping of keys and values, as in `name: demo`.");
        }
        catch (YamlException wrong)
        {
            errors.Add($"{source}:{wrong.Start.Line}: not YAML: {wrong.Message}");
        }
        return null;
    }

    private void Change(YamlMappingNode root, string change)
    {
        int equals = change.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            errors.Add($"--set {change}: write path=value, for example optimizer.lr=0.001.");
            return;
        }
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(change[(equals + 1)..]));
        }
        catch (YamlException wrong)
        {
            errors.Add($"--set {change}: the value is not YAML: {wrong.Message}");
            return;
        }
        var value = stream.Documents.Count == 1 ? stream.Documents[0].RootNode : new YamlScalarNode("");
        string[] path = change[..equals].Split('.');
        var at = root;
        foreach (string key in path[..^1])
        {
            if (at.Children.TryGetValue(new YamlScalarNode(key), out var child) && child is YamlMappingNode mapping)
                at = mapping;
            else
                at.Children[new YamlScalarNode(key)] = at = new YamlMappingNode();
        }
        at.Children[new YamlScalarNode(path[^1])] = value;
    }

    private void ReadMessage(YamlMappingNode node, IMessage message, string path)
    {
        var fields = message.Descriptor.Fields.InDeclarationOrder();
        foreach (var (keyNode, value) in node.Children)
        {
            string key = (keyNode as YamlScalarNode)?.Value ?? keyNode.ToString();
            var field = fields.FirstOrDefault(f => f.Name == key || f.JsonName == key);
            string at = path.Length == 0 ? key : $"{path}.{key}";
            if (field is null)
                Add(keyNode, $"{at} is not a field of the spec; known here: {string.Join(", ", fields.Select(f => f.Name))}.");
            else if (field.IsRepeated)
                ReadList(value, field, message, at);
            else if (ReadValue(value, field, at) is { } read)
                field.Accessor.SetValue(message, read);
        }
    }

    private void ReadList(YamlNode node, FieldDescriptor field, IMessage message, string path)
    {
        if (node is not YamlSequenceNode items)
        {
            Add(node, $"{path} is not a list; write it as [a, b].");
            return;
        }
        var list = (IList)field.Accessor.GetValue(message);
        for (int i = 0; i < items.Children.Count; i++)
        {
            if (ReadValue(items.Children[i], field, $"{path}[{i}]") is { } read)
                list.Add(read);
        }
    }

    /// <summary>The value, or null where it was left open or wrong.</summary>
    private object? ReadValue(YamlNode node, FieldDescriptor field, string path)
    {
        if (field.FieldType == FieldType.Message)
        {
            if (node is YamlMappingNode mapping)
            {
                var child = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                ReadMessage(mapping, child, path);
                return child;
            }
            if (node is not YamlScalarNode none || !IsNull(none))
                Add(node, $"{path} holds '{Show(node)}'; expected keys: {string.Join(", ", field.MessageType.Fields.InDeclarationOrder().Select(f => f.Name))}.");
            return null;
        }
        if (node is not YamlScalarNode scalar)
        {
            Add(node, $"{path} holds '{Show(node)}'; expected {Expected(field)}.");
            return null;
        }
        string text = scalar.Value ?? "";
        if (IsNull(scalar) || (text == "auto" && field.FieldType != FieldType.String))
            return null;
        object? value = Convert(text, field);
        if (value is null)
            Add(node, $"{path} is '{text}'; expected {Expected(field)}.");
        return value;
    }

    /// <summary>The core schema's null (YAML 1.2, 10.3.2); in quotes it is text.</summary>
    internal static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style is ScalarStyle.Plain or ScalarStyle.Any && scalar.Value is null or "" or "~" or "null" or "Null" or "NULL";

    private static object? Convert(string text, FieldDescriptor field)
    {
        var invariant = CultureInfo.InvariantCulture;
        string number = text.Replace("_", "", StringComparison.Ordinal);
        return field.FieldType switch
        {
            FieldType.String => text == "auto" ? "" : text,
            FieldType.Bool => text is "true" ? true : text is "false" ? false : null,
            FieldType.UInt32 => uint.TryParse(number, NumberStyles.AllowLeadingSign, invariant, out uint small) ? small : null,
            FieldType.UInt64 => ulong.TryParse(number, NumberStyles.AllowLeadingSign, invariant, out ulong large) ? large : null,
            FieldType.Double => double.TryParse(number, NumberStyles.Float, invariant, out double real) && double.IsFinite(real) ? real : null,
            FieldType.Enum => field.EnumType.Values.FirstOrDefault(v => v.Number != 0 && EnumNames.Short(v) == text) is { } named
                ? Enum.ToObject(field.EnumType.ClrType, named.Number) : null,
            _ => throw new InvalidOperationException($"The spec has a field of type {field.FieldType}, which no reader knows."),
        };
    }

    private static string Expected(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "text",
        FieldType.Bool => "true or false",
        FieldType.UInt32 or FieldType.UInt64 => field.HasPresence ? "a whole number of 0 or more, or auto" : "a whole number of 0 or more",
        FieldType.Double => "a number",
        FieldType.Enum => string.Join(" or ", field.EnumType.Values.Where(v => v.Number != 0).Select(EnumNames.Short)),
        _ => field.FieldType.ToString(),
    };

    private static string Show(YamlNode node) => node switch
    {
        YamlScalarNode scalar => scalar.Value ?? "",
        YamlSequenceNode => "a list",
        _ => "a mapping",
    };

    private void Add(YamlNode node, string error) =>
        errors.Add(node.Start.Line > 0 && node.Start.Index > 0 ? $"{source}:{node.Start.Line}: {error}" : $"{source}: {error}");
}
