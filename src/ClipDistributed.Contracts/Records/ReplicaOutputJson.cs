using System.Buffers;
using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Contracts.Records;

/// <summary>The lines that a replica process prints on its standard output.</summary>
public static class ReplicaOutputJson
{
    public static string ToJson(this ReplicaOutput output)
    {
        if (output.Record is { } record)
            return record.ToJson();
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            OneofJson.WriteCase(json, output);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Null where the line is none, such as a library's own print.</summary>
    public static ReplicaOutput? TryParse(string line)
    {
        if (RunRecordJson.TryParse(line) is { } record)
            return new ReplicaOutput { Record = record };
        var output = new ReplicaOutput();
        return OneofJson.TryReadCase(line, output) ? output : null;
    }
}
