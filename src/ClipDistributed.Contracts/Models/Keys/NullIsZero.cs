using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClipDistributed.Contracts.Models.Keys;

/// <summary>A number that configs write as null where it has no meaning, as the patch size of a ResNet.</summary>
internal sealed class NullIsZero : JsonConverter<int>
{
    public override bool HandleNull => true;

    public override int Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? 0 : reader.GetInt32();

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options)
    {
        if (value == 0)
            writer.WriteNullValue();
        else
            writer.WriteNumberValue(value);
    }
}
