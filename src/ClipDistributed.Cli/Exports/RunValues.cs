using System.Text;
using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Cli.Exports;

/// <summary>The numbers of a record, under the names that <c>clipd run metrics</c> has for them.</summary>
internal static class RunValues
{
    /// <param name="Step">That they belong to.</param>
    /// <returns>Null: it is no record of a measurement.</returns>
    public static (long Step, IReadOnlyList<(string Name, double Value)> Values)? Of(RunRecord record) => record.RecordCase switch
    {
        RunRecord.RecordOneofCase.Step => (record.Step.Step, [.. Numbers(record.Step, "")]),
        RunRecord.RecordOneofCase.Evaluation => (record.Evaluation.Step,
            [.. Numbers(record.Evaluation, $"zeroshot.{Key(record.Evaluation.Source)}.")]),
        RunRecord.RecordOneofCase.Retrieval => (record.Retrieval.Step,
            [.. Numbers(record.Retrieval, $"retrieval.{Key(record.Retrieval.Source)}.")]),
        _ => null,
    };

    private static IEnumerable<(string Name, double Value)> Numbers(Google.Protobuf.IMessage message, string prefix)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsRepeated || field.Name == "step" || field.HasPresence && !field.Accessor.HasValue(message))
                continue;
            object value = field.Accessor.GetValue(message);
            if (field.FieldType == FieldType.Message)
            {
                foreach (var part in Numbers((Google.Protobuf.IMessage)value, $"{prefix}{field.Name}."))
                    yield return part;
            }
            else if (value is double or long or int or bool)
            {
                yield return (prefix + field.Name, Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>What MLflow takes as part of a name.</summary>
    private static string Key(string source)
    {
        var key = new StringBuilder(source.Length);
        foreach (char c in source)
            key.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_');
        return key.ToString();
    }
}
