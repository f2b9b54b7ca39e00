using System.Collections;
using System.Globalization;
using ClipDistributed.Contracts.Spec.Text;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ClipDistributed.Contracts.Spec;

/// <summary>Writes a <see cref="TrainingSpec"/> as the YAML that <see cref="SpecReader"/> reads back to the same message.</summary>
public static class SpecWriter
{
    public static string Write(TrainingSpec spec) => Write(spec, open: false);

    private static string Write(TrainingSpec spec, bool open)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(ToNode(spec, open))).Save(text, assignAnchors: false);
        // YamlDotNet ends a document with "...", which people need not see.
        return text.ToString().Replace("...\n", "", StringComparison.Ordinal);
    }

    /// <summary>The same with every field, and beside those that are open how they will be chosen; it is read back to the same message
    /// too.</summary>
    public static string Show(TrainingSpec spec)
    {
        var lines = new List<string>();
        foreach (string line in Write(spec, open: true).TrimEnd('\n').Split('\n'))
        {
            string field = line.TrimStart(' ', '-').Split(':')[0];
            bool isOpen =
                line.EndsWith($": {SpecValues.Auto}", StringComparison.Ordinal)
                || line.EndsWith(": null", StringComparison.Ordinal)
                || line.EndsWith(": []", StringComparison.Ordinal);
            lines.Add(isOpen && OpenFields.Meanings.TryGetValue(field, out string? meaning) ? $"{line}  # {meaning}" : line);
        }
        return string.Join('\n', lines) + "\n";
    }

    private static YamlMappingNode ToNode(IMessage message, bool open)
    {
        var node = new YamlMappingNode();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object value = field.Accessor.GetValue(message);
            if (field.IsRepeated)
            {
                var items = ((IList)value).Cast<object>().Select(item => ToNode(field, item, open)).ToList();
                if (items.Count > 0 || open)
                    node.Add(field.Name, new YamlSequenceNode(items));
            }
            else if (field.HasPresence ? field.Accessor.HasValue(message) : !IsEmpty(field, value))
            {
                node.Add(field.Name, ToNode(field, value, open));
            }
            else if (open)
            {
                node.Add(field.Name, new YamlScalarNode(SpecValues.TakesAuto(field) ? SpecValues.Auto : "null"));
            }
        }
        return node;
    }

    private static YamlScalarNode Text(string text)
    {
        var node = new YamlScalarNode(text);
        // A folder may be called null or auto: without quotes it would be read as left open.
        if (text == SpecValues.Auto || new SpecScalar(text, IsPlain: true, "").IsNull)
            node.Style = ScalarStyle.DoubleQuoted;
        return node;
    }

    private static bool IsEmpty(FieldDescriptor field, object value) => field.FieldType switch
    {
        FieldType.Message => value is null,
        FieldType.String => (string)value == "",
        FieldType.Enum => (int)value == 0,
        _ => false,
    };

    private static YamlNode ToNode(FieldDescriptor field, object value, bool open) => value switch
    {
        IMessage child => ToNode(child, open),
        bool flag => new YamlScalarNode(flag ? "true" : "false"),
        string text => Text(text),
        Enum => new YamlScalarNode(EnumNames.Short(field.EnumType.FindValueByNumber((int)value))),
        double number => new YamlScalarNode(number.ToString("R", CultureInfo.InvariantCulture)),
        IFormattable number => new YamlScalarNode(number.ToString(null, CultureInfo.InvariantCulture)),
        _ => throw new InvalidOperationException($"The spec has a value of type {value.GetType()}, which no writer knows."),
    };
}
