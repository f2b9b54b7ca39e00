using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Contracts.Records;

/// <summary>Records as lines of metrics.jsonl, events.jsonl and coordinator.jsonl; nothing else knows how such a line is written.</summary>
public static class RunRecordJson
{
    /// <summary>One line. The fields of the case come first, so that older programs read it too.</summary>
    public static string ToJson(this RunRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            OneofJson.WriteCase(json, record);
            if (record.Time is { } time)
                json.WriteString("time"u8, UtcTime.Iso(time.ToDateTimeOffset()));
            if (record.HasHost)
                json.WriteString("host"u8, Plain(record.Host));
            if (record.HasVersion)
                json.WriteString("version"u8, Plain(record.Version));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Null where the line is none: a library's own print, torn, damaged, or of a kind that is not known here.</summary>
    public static RunRecord? TryParse(string line)
    {
        var record = new RunRecord();
        if (!OneofJson.TryReadCase(line, record))
            return null;
        try
        {
            var whole = record.Clone();
            var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
            json.Read();
            MessageJson.ReadFields(ref json, whole);
            return whole;
        }
        catch (JsonException)
        {
            return record; // when and where it was written down is damaged; what happened is not
        }
    }

    /// <summary>No HTML: + stays +.</summary>
    private static JsonEncodedText Plain(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
}
