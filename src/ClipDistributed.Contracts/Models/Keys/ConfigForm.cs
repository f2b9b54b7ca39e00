using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ClipDistributed.Contracts.Models.Keys;

/// <summary>What a key of a model config takes. Which keys there are, and their types, is declared by the records alone.</summary>
/// <param name="Expected">For errors, as in "give a whole number".</param>
/// <param name="Read">The value in one form, or null where it is another type.</param>
/// <param name="Keys">Of an object that is a record too; null: of anything else.</param>
internal sealed record ConfigForm(string Expected, Func<JsonNode, JsonNode?> Read, IReadOnlyDictionary<string, ConfigForm>? Keys = null)
{
    private const string Square = "a whole number, or two equal ones in a list; only square images and patches are supported";

    private static readonly ConfigForm Side = new(Square, value => Node(JsonText.Side(value)));

    private static readonly Dictionary<Type, ConfigForm> Plain = new()
    {
        [typeof(int)] = new("a whole number", value => Node(JsonText.Whole(value))),
        [typeof(double)] = new("a number", value => Node(JsonText.Number(value))),
        [typeof(bool)] = new("true or false", value => Node(JsonText.Flag(value))),
        [typeof(string)] = new("a text", value => JsonText.Text(value) is { } text ? JsonValue.Create(text) : null),
        [typeof(double[])] = new("a list of numbers", value => JsonText.Numbers(value) is null ? null : value.DeepClone()),
        [typeof(JsonElement)] = new("", value => value.DeepClone()),
        [typeof(TowerLayers)] = new("a whole number, or a list of four for a ResNet", Layers),
    };

    /// <summary>The keys of a record, in the order of its properties.</summary>
    public static IReadOnlyDictionary<string, ConfigForm> Of<T>() => Of(typeof(T));

    private static Dictionary<string, ConfigForm> Of(Type record) =>
        record.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition != JsonIgnoreCondition.Always)
            .ToDictionary(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), Of);

    private static ConfigForm Of(PropertyInfo property)
    {
        if (property.GetCustomAttribute<SideAttribute>() is not null)
            return Side;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return Plain.TryGetValue(type, out var plain) ? plain
            : new ConfigForm("an object of keys and values", value => (value as JsonObject)?.DeepClone(), Of(type));
    }

    private static JsonNode? Layers(JsonNode value) =>
        value is not JsonArray groups ? Node(JsonText.Whole(value))
            : groups.All(group => JsonText.Whole(group) is not null)
                ? new JsonArray([.. groups.Select(group => Node(JsonText.Whole(group)))])
                : null;

    private static JsonNode? Node<T>(T? value)
        where T : struct => value is { } known ? JsonValue.Create(known) : null;
}

/// <summary>A number of pixels that configs also write as two equal ones.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SideAttribute : Attribute;
