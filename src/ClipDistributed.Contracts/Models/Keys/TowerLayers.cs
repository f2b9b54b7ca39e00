using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClipDistributed.Contracts.Models.Keys;

/// <summary>
/// "layers" of an image tower: one number makes a transformer, a list of four a ResNet with so many blocks in each layer.
/// </summary>
[JsonConverter(typeof(Json))]
public sealed class TowerLayers : IEquatable<TowerLayers>
{
    private TowerLayers(IReadOnlyList<int> groups, bool isList) => (Groups, IsList) = (groups, isList);

    /// <summary>Whether the config gives a list.</summary>
    public bool IsList { get; }

    /// <summary>Blocks of each residual layer; of a transformer one number.</summary>
    public IReadOnlyList<int> Groups { get; }

    /// <summary>Blocks in all.</summary>
    public int Total => (int)Math.Min(int.MaxValue, Groups.Sum(blocks => (long)blocks));

    public static implicit operator TowerLayers(int blocks) => new([blocks], isList: false);

    public static TowerLayers ResNet(params int[] blocks) => new(blocks, isList: true);

    public bool Equals(TowerLayers? other) => other is not null && IsList == other.IsList && Groups.SequenceEqual(other.Groups);

    public override bool Equals(object? obj) => Equals(obj as TowerLayers);

    public override int GetHashCode() => HashCode.Combine(IsList, Total);

    /// <summary>As the config has it: <c>12</c> or <c>[3, 4, 6, 3]</c>.</summary>
    public override string ToString() => IsList ? $"[{string.Join(", ", Groups)}]" : $"{Groups[0]}";

    private sealed class Json : JsonConverter<TowerLayers>
    {
        public override TowerLayers Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.StartArray
                ? ResNet(JsonSerializer.Deserialize<int[]>(ref reader, options)!)
                : reader.GetInt32();

        public override void Write(Utf8JsonWriter writer, TowerLayers value, JsonSerializerOptions options)
        {
            if (value.IsList)
                JsonSerializer.Serialize(writer, value.Groups, options);
            else
                writer.WriteNumberValue(value.Groups[0]);
        }
    }
}
