using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.ParquetShards;

/// <summary>Stored values of captions and labels as text.</summary>
internal static class ColumnText
{
    private const int MaxBytes = 16;

    /// <summary>Text as it is, with U+FFFD for what is not UTF-8; numbers in their shortest form, so that 2.0 is 2.</summary>
    public static ValueConversion<string> Conversion(SchemaNode column) => column.Kind switch
    {
        ValueKind.Decimal => value => OfDecimal(
            column.Physical is PhysicalType.Int32 or PhysicalType.Int64 ? Whole(value) : Whole(value, isBigEndian: true),
            column.Scale),
        ValueKind.Float => value => OfReal(BinaryPrimitives.ReadSingleLittleEndian(value)),
        ValueKind.Double => value => OfReal(BinaryPrimitives.ReadDoubleLittleEndian(value)),
        >= ValueKind.UInt8 and <= ValueKind.UInt64 =>
            value => Whole(value, isUnsigned: true).ToString(CultureInfo.InvariantCulture),
        >= ValueKind.Int8 and <= ValueKind.Int64 => value => Whole(value).ToString(CultureInfo.InvariantCulture),
        _ => Encoding.UTF8.GetString,
    };

    /// <summary>Of up to 128 bits, which every writer keeps to: digits of longer ones cost the square of their number.</summary>
    private static BigInteger Whole(ReadOnlySpan<byte> value, bool isUnsigned = false, bool isBigEndian = false) => value.Length <= MaxBytes
        ? new BigInteger(value, isUnsigned, isBigEndian)
        : throw new InvalidDataException($"a number of {Counted.Plain(value.Length, "byte")}, where {MaxBytes} are the most");

    private static string OfReal(double number) => (number == 0 ? 0 : number).ToString("0.#################", CultureInfo.InvariantCulture);

    private static string OfDecimal(BigInteger digits, int scale)
    {
        if (scale is < 0 or > 1000)
            throw new InvalidDataException($"a decimal column has {scale} digits after the point");
        var (whole, rest) = BigInteger.DivRem(digits, BigInteger.Pow(10, scale));
        if (rest.IsZero)
            return whole.ToString(CultureInfo.InvariantCulture);
        string decimals = BigInteger.Abs(rest).ToString(CultureInfo.InvariantCulture).PadLeft(scale, '0').TrimEnd('0');
        return $"{(digits.Sign < 0 ? "-" : "")}{BigInteger.Abs(whole)}.{decimals}";
    }
}
