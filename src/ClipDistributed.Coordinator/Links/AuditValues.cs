using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Links;

/// <summary>
/// The values that a call gave to what it changed, besides that thing's own name. Of a spec there are name and run directory alone: the
/// job has all of it, and its places may hold what is secret; of bytes, which are secrets and payloads, there is nothing. Texts are JSON
/// strings, each shortened by itself: none can pass for another value, or for another line.
/// </summary>
internal static class AuditValues
{
    /// <summary>Of the client's own choice, and no value of what is changed.</summary>
    private const string RequestId = "request_id";

    private const long MinSeconds = -62_135_596_800, MaxSeconds = 253_402_300_799; // the years 1 to 9999, as Timestamp's proto says

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private const int MaxText = 200;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="request">Null: it is a stream.</param>
    /// <returns>As in <c>min_replicas=2, owner="ann"</c>; empty: it gave none.</returns>
    public static string Of(MethodDescriptor method, object? request)
    {
        string target = AuditTarget.FieldOf(method);
        return request is IMessage message
            ? string.Join(", ", Given(message, "").Where(value => value.Name != target).Select(value => $"{value.Name}={value.Text}")) : "";
    }

    /// <summary>A single one.</summary>
    public static string Of(string name, string text) => $"{name}={Quoted(text)}";

    private static string Quoted(string text) => JsonSerializer.Serialize(Excerpt.Of(text, MaxText), Readable);

    private static IEnumerable<(string Name, string Text)> Given(IMessage message, string prefix) => message switch
    {
        TrainingSpec spec => [($"{prefix}name", Quoted(spec.Name)), ($"{prefix}run_directory", Quoted(spec.RunDirectory))],
        _ => message.Descriptor.Fields.InDeclarationOrder()
            .Where(field => !field.IsRepeated && field.FieldType != FieldType.Bytes && field.Name != RequestId)
            .SelectMany(field => Given(field, message, prefix)),
    };

    private static IEnumerable<(string Name, string Text)> Given(FieldDescriptor field, IMessage message, string prefix)
    {
        object value = field.Accessor.GetValue(message);
        bool isGiven = field.HasPresence ? field.Accessor.HasValue(message)
            : value is string text ? text != "" : Convert.ToInt64(value, Invariant) != 0;
        if (!isGiven)
            return [];
        string name = prefix + field.Name;
        return value switch
        {
            Timestamp time => [(name, IsTime(time) ? UtcTime.Readable(time.ToDateTimeOffset()) : "not a time")],
            IMessage child => Given(child, $"{name}."),
            bool isSet => [(name, isSet ? "true" : "false")],
            string given => [(name, Quoted(given))],
            _ => [(name, Convert.ToString(value, Invariant)!)],
        };
    }

    private static bool IsTime(Timestamp given) =>
        given is { Seconds: >= MinSeconds and <= MaxSeconds, Nanos: >= 0 and <= 999_999_999 };
}
