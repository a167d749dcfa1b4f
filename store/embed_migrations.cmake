# Writes the files of migrations/ into a C++ source, in order:
#   cmake -D OUTPUT=embedded_migrations.cpp -D "FILES=0001_a.sql;0002_b.sql" -P embed_migrations.cmake
set(rows "")
set(expected 1)
# Beside it may stand NNNN_a.rows.sql (migrations/README.md).
list(FILTER FILES EXCLUDE REGEX "\\.rows\\.sql$")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "${file}: a migration is called NNNN_what_it_brings.sql")
  endif()
  string(REGEX REPLACE "^0+" "" version ${CMAKE_MATCH_1})
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "${file}: the next migration must be number ${expected}")
  endif()
  math(EXPR expected "${expected} + 1")
  file(READ ${file} sql)
  string(REGEX REPLACE "\\.sql$" ".rows.sql" rows_file ${file})
  set(of_rows "")
  if(EXISTS ${rows_file})
    file(READ ${rows_file} of_rows)
    set(of_rows ", R\"__sql__(${of_rows})__sql__\"")
  endif()
  string(APPEND rows "    {${version}, \"${name}\", R\"__sql__(${sql})__sql__\"${of_rows}},\n")
endforeach()

file(WRITE ${OUTPUT} "// Generated from migrations/.
#include <array>

#include \"store/migrations.h\"

namespace bastion::store {
namespace {

constexpr auto kMigrations = std::to_array<Migration>({
${rows}});

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

}  // namespace bastion::store
")
