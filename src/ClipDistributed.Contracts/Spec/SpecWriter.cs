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
    public static string Write(TrainingSpec spec)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(ToNode(spec))).Save(text, assignAnchors: false);
        // YamlDotNet ends a document with "...", which people need not see.
        return text.ToString().Replace("...\n", "", StringComparison.Ordinal);
    }

    private static YamlMappingNode ToNode(IMessage message)
    {
        var node = new YamlMappingNode();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object value = field.Accessor.GetValue(message);
            if (field.IsRepeated)
            {
                var items = ((IList)value).Cast<object>().Select(item => ToNode(field, item)).ToList();
                if (items.Count > 0)
                    node.Add(field.Name, new YamlSequenceNode(items));
            }
            else if (field.HasPresence ? field.Accessor.HasValue(message) : !IsEmpty(field, value))
            {
                node.Add(field.Name, ToNode(field, value));
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

    private static YamlNode ToNode(FieldDescriptor field, object value) => value switch
    {
        IMessage child => ToNode(child),
        bool flag => new YamlScalarNode(flag ? "true" : "false"),
        string text => Text(text),
        Enum => new YamlScalarNode(EnumNames.Short(field.EnumType.FindValueByNumber((int)value))),
        double number => new YamlScalarNode(number.ToString("R", CultureInfo.InvariantCulture)),
        IFormattable number => new YamlScalarNode(number.ToString(null, CultureInfo.InvariantCulture)),
        _ => throw new InvalidOperationException($"The spec has a value of type {value.GetType()}, which no writer knows."),
    };
}
