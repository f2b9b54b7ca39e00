using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.Shards;

/// <summary>Stored values of captions and labels as text.</summary>
internal static class ColumnText
{
    /// <summary>Text as it is, with U+FFFD for what is no UTF-8; numbers in their shortest form, so that 2.0 is 2.</summary>
    public static ValueConversion<string> Conversion(SchemaNode column) => column.Kind switch
    {
        ValueKind.Decimal => value => OfDecimal(
            column.Physical is PhysicalType.Int32 or PhysicalType.Int64 ? new BigInteger(value) : new BigInteger(value, isBigEndian: true),
            column.Scale),
        ValueKind.Float => value => OfReal(BinaryPrimitives.ReadSingleLittleEndian(value)),
        ValueKind.Double => value => OfReal(BinaryPrimitives.ReadDoubleLittleEndian(value)),
        >= ValueKind.UInt8 and <= ValueKind.UInt64 =>
            value => new BigInteger(value, isUnsigned: true).ToString(CultureInfo.InvariantCulture),
        >= ValueKind.Int8 and <= ValueKind.Int64 => value => new BigInteger(value).ToString(CultureInfo.InvariantCulture),
        _ => Encoding.UTF8.GetString,
    };

    private static string OfReal(double number) => (number == 0 ? 0 : number).ToString("0.#################", CultureInfo.InvariantCulture);

    private static string OfDecimal(BigInteger digits, int scale)
    {
        if (scale is < 0 or > 1000)
            throw new InvalidDataException($"a decimal column has {scale} digits behind the point");
        var (whole, rest) = BigInteger.DivRem(digits, BigInteger.Pow(10, scale));
        if (rest.IsZero)
            return whole.ToString(CultureInfo.InvariantCulture);
        string decimals = BigInteger.Abs(rest).ToString(CultureInfo.InvariantCulture).PadLeft(scale, '0').TrimEnd('0');
        return $"{(digits.Sign < 0 ? "-" : "")}{BigInteger.Abs(whole)}.{decimals}";
    }
}
