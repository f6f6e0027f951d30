(module
 (type $0 (func (param i32 i32 i32 i32) (result i32)))
 (type $1 (func (param i32 i32 i32 i32 i32)))
 (type $2 (func (param i32 i32 i32 f64 i32 i32) (result i32)))
 (type $3 (func (param i32 i32) (result i32)))
 (type $4 (func (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
 (type $5 (func (param i32 i32 i32 f64 f64 i32 f64 i32 i32) (result i32)))
 (type $6 (func (param i32 i32 i32)))
 (import "env" "memory" (memory $0 1))
 (export "escape" (func $src/lane/lane.as/escape))
 (export "extFormat" (func $src/lane/lane.as/extFormat))
 (export "copy" (func $src/lane/lane.as/copy))
 (export "lineLength" (func $src/lane/lane.as/lineLength))
 (export "udpFrame" (func $src/lane/lane.as/udpFrame))
 (export "prbStore" (func $src/lane/lane.as/prbStore))
 (export "extFrame" (func $src/lane/lane.as/extFrame))
 (func $src/lane/lane.as/slowEscape (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (result i32)
  (local $4 i32)
  (local $5 v128)
  (local $6 i32)
  (local $7 v128)
  (local $8 i32)
  (local $9 i32)
  (local $10 v128)
  (local $11 v128)
  loop $while-continue|0
   local.get $0
   local.get $1
   i32.lt_u
   if
    local.get $0
    i32.const 1
    i32.add
    local.tee $6
    local.tee $4
    local.set $6
    local.get $4
    local.get $3
    block $__inlined_func$src/lane/lane.as/escapeByte (result i32)
     local.get $0
     i32.load8_u
     local.tee $0
     i32.const 32
     i32.lt_u
     local.get $0
     i32.const 127
     i32.ge_u
     i32.or
     local.get $0
     i32.const 92
     i32.eq
     i32.or
     if
      local.get $3
      local.get $2
      i32.sub
      i32.const 1
      i32.sub
      local.tee $8
      i32.const 0
      i32.gt_s
      if
       local.get $2
       i32.const 92
       i32.store8
      end
      local.get $8
      i32.const 1
      i32.gt_s
      if
       local.get $2
       i32.const 1
       i32.add
       i32.const 120
       i32.store8
      end
      local.get $8
      i32.const 2
      i32.gt_s
      if
       local.get $2
       i32.const 2
       i32.add
       local.get $0
       i32.const 4
       i32.shr_u
       local.tee $9
       i32.const 48
       i32.add
       local.get $9
       i32.const 87
       i32.add
       local.get $9
       i32.const 10
       i32.lt_u
       select
       i32.store8
      end
      local.get $8
      i32.const 3
      i32.gt_s
      if
       local.get $2
       i32.const 3
       i32.add
       local.get $0
       i32.const 15
       i32.and
       local.tee $0
       i32.const 48
       i32.add
       local.get $0
       i32.const 87
       i32.add
       local.get $0
       i32.const 10
       i32.lt_u
       select
       i32.store8
      end
      local.get $8
      i32.const 0
      i32.gt_s
      if (result i32)
       local.get $2
       i32.const 4
       local.get $8
       local.get $8
       i32.const 4
       i32.ge_s
       select
       i32.add
      else
       local.get $2
      end
      br $__inlined_func$src/lane/lane.as/escapeByte
     end
     local.get $2
     local.get $3
     i32.lt_u
     if (result i32)
      local.get $2
      local.get $0
      i32.store8
      local.get $2
      i32.const 1
      i32.add
     else
      local.get $2
     end
    end
    local.tee $8
    local.tee $0
    i32.sub
    local.tee $2
    local.get $1
    local.get $4
    i32.sub
    local.tee $9
    local.get $2
    local.get $9
    i32.lt_u
    select
    i32.const -64
    i32.and
    i32.add
    local.set $2
    loop $while-continue|1
     local.get $2
     local.get $4
     i32.gt_u
     if
      local.get $4
      v128.load
      local.tee $10
      v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
      i8x16.add
      v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
      i8x16.lt_s
      local.get $10
      v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
      i8x16.eq
      v128.or
      local.get $4
      v128.load offset=16
      local.tee $11
      v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
      i8x16.add
      v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
      i8x16.lt_s
      local.get $11
      v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
      i8x16.eq
      v128.or
      v128.or
      local.get $4
      v128.load offset=32
      local.tee $5
      v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
      i8x16.add
      v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
      i8x16.lt_s
      local.get $5
      v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
      i8x16.eq
      v128.or
      local.get $4
      v128.load offset=48
      local.tee $7
      v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
      i8x16.add
      v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
      i8x16.lt_s
      local.get $7
      v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
      i8x16.eq
      v128.or
      v128.or
      v128.or
      v128.any_true
      i32.eqz
      if
       local.get $0
       local.get $10
       v128.store
       local.get $0
       local.get $11
       v128.store offset=16
       local.get $0
       local.get $5
       v128.store offset=32
       local.get $0
       local.get $7
       v128.store offset=48
       local.get $4
       i32.const -64
       i32.sub
       local.set $4
       local.get $0
       i32.const -64
       i32.sub
       local.set $0
       br $while-continue|1
      end
     end
    end
    loop $while-continue|2
     local.get $1
     local.get $4
     i32.gt_u
     if
      block $while-break|2
       local.get $4
       v128.load
       local.tee $5
       v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
       i8x16.add
       v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
       i8x16.lt_s
       local.get $5
       v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
       i8x16.eq
       v128.or
       local.tee $7
       i8x16.bitmask
       i32.ctz
       i32.const 16
       local.get $7
       v128.any_true
       select
       local.tee $9
       local.get $1
       local.get $4
       i32.sub
       local.tee $2
       i32.le_u
       if
        local.get $9
        local.set $2
       end
       local.get $0
       i32.const 16
       i32.add
       local.get $3
       i32.gt_u
       br_if $while-break|2
       local.get $0
       local.get $5
       v128.store
       local.get $2
       local.get $4
       i32.add
       local.set $4
       local.get $0
       local.get $2
       i32.add
       local.set $0
       local.get $2
       i32.const 16
       i32.lt_u
       br_if $while-break|2
       br $while-continue|2
      end
     end
    end
    local.get $4
    local.get $6
    i32.sub
    local.tee $2
    local.get $6
    i32.add
    local.set $0
    local.get $2
    local.get $8
    i32.add
    local.set $2
    br $while-continue|0
   end
  end
  local.get $2
 )
 (func $src/lane/lane.as/udpFrame (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (param $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 v128)
  (local $8 v128)
  loop $for-loop|0
   local.get $5
   i32.const 16
   i32.add
   local.tee $6
   local.get $3
   i32.le_u
   if
    local.get $1
    local.get $5
    i32.add
    local.get $2
    local.get $5
    i32.add
    v128.load
    local.tee $8
    v128.store
    local.get $7
    local.get $8
    i32x4.extadd_pairwise_i16x8_u
    i32x4.add
    local.set $7
    local.get $6
    local.set $5
    br $for-loop|0
   end
  end
  local.get $3
  local.get $5
  i32.gt_u
  if
   local.get $1
   local.get $5
   i32.add
   local.get $2
   local.get $5
   i32.add
   v128.load
   v128.const i32x4 0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c
   local.get $3
   local.get $5
   i32.sub
   i8x16.splat
   i8x16.lt_u
   v128.and
   local.tee $8
   v128.store
   local.get $7
   local.get $8
   i32x4.extadd_pairwise_i16x8_u
   i32x4.add
   local.set $7
  end
  local.get $1
  i32.const -64
  i32.add
  local.tee $2
  i32.const 16
  i32.add
  local.get $0
  i32.const 16
  i32.add
  v128.load
  v128.store
  local.get $2
  i32.const 32
  i32.add
  local.get $0
  i32.const 32
  i32.add
  v128.load
  v128.store
  local.get $2
  i32.const 48
  i32.add
  local.get $0
  i32.const 48
  i32.add
  v128.load
  v128.store
  local.get $1
  i32.const 4
  i32.sub
  local.get $3
  i32.const 8
  i32.add
  local.tee $5
  i32.const 8
  i32.shr_u
  i32.const 255
  i32.and
  local.get $5
  i32.const 255
  i32.and
  i32.const 8
  i32.shl
  i32.or
  local.tee $5
  i32.store16
  local.get $0
  i32.load offset=64
  i32.const 42
  i32.eq
  if
   local.get $1
   i32.const 26
   i32.sub
   local.get $3
   i32.const 28
   i32.add
   local.tee $2
   i32.const 8
   i32.shr_u
   i32.const 255
   i32.and
   local.get $2
   i32.const 255
   i32.and
   i32.const 8
   i32.shl
   i32.or
   local.tee $2
   local.get $4
   i32.const 8
   i32.shr_u
   i32.const 255
   i32.and
   local.get $4
   i32.const 255
   i32.and
   i32.const 8
   i32.shl
   i32.or
   local.tee $3
   i32.const 16
   i32.shl
   i32.or
   i32.store
   local.get $1
   i32.const 18
   i32.sub
   local.get $0
   i32.load offset=68
   local.get $2
   i32.add
   local.get $3
   i32.add
   local.tee $2
   i32.const 65535
   i32.and
   local.get $2
   i32.const 16
   i32.shr_u
   i32.add
   local.tee $2
   i32.const 65535
   i32.and
   local.get $2
   i32.const 16
   i32.shr_u
   i32.add
   i32.const -1
   i32.xor
   i32.store16
  else
   local.get $2
   local.get $0
   v128.load
   v128.store
   local.get $1
   i32.const 44
   i32.sub
   local.get $5
   i32.store16
  end
  local.get $0
  i32.load offset=76
  if
   local.get $1
   i32.const 2
   i32.sub
   local.get $0
   i32.load offset=72
   local.get $5
   i32.const 1
   i32.shl
   i32.add
   local.get $7
   i32x4.extract_lane 0
   local.get $7
   i32x4.extract_lane 1
   i32.add
   local.get $7
   i32x4.extract_lane 2
   i32.add
   local.get $7
   i32x4.extract_lane 3
   i32.add
   i32.add
   local.tee $0
   i32.const 65535
   i32.and
   local.get $0
   i32.const 16
   i32.shr_u
   i32.add
   local.tee $0
   i32.const 65535
   i32.and
   local.get $0
   i32.const 16
   i32.shr_u
   i32.add
   i32.const -1
   i32.xor
   i32.const 65535
   i32.and
   local.tee $0
   i32.const 65535
   local.get $0
   select
   i32.store16
  end
 )
 (func $src/lane/lane.as/prbStore (param $0 i32) (param $1 i32) (param $2 i32) (param $3 f64) (param $4 i32) (param $5 i32) (result i32)
  (local $6 i32)
  (local $7 i64)
  (local $8 i64)
  (local $9 i32)
  (local $10 i32)
  (local $11 i32)
  (local $12 i64)
  (local $13 i32)
  (local $14 i32)
  local.get $1
  i32.const 15
  i32.add
  i32.const -8
  i32.and
  local.tee $6
  local.get $0
  i32.load offset=48
  i32.gt_u
  if
   i32.const 0
   return
  end
  local.get $0
  i32.load offset=32
  local.get $0
  i64.load
  local.set $8
  local.get $0
  i64.load offset=8
  local.set $12
  local.get $6
  local.get $0
  i32.load offset=24
  local.tee $11
  i32.add
  local.tee $1
  local.get $0
  i32.load offset=52
  i32.sub
  local.get $11
  i32.xor
  local.get $0
  i32.load offset=44
  local.tee $13
  i32.const 1
  i32.sub
  local.tee $14
  i32.const -1
  i32.xor
  i32.and
  if
   local.get $11
   local.get $14
   i32.or
   i32.const 1
   i32.add
   local.get $6
   i32.add
   local.set $1
  end
  local.get $1
  local.get $13
  i32.sub
  local.set $6
  i64.extend_i32_u
  local.get $8
  local.get $12
  i64.sub
  i64.le_s
  if
   local.get $0
   i32.load offset=36
   local.tee $10
   local.get $12
   i32.wrap_i64
   local.tee $13
   local.get $0
   i32.load offset=32
   i32.const 1
   i32.sub
   local.tee $14
   i32.and
   i32.const 5
   i32.shl
   i32.add
   local.set $9
   local.get $10
   local.get $13
   i32.const 1
   i32.add
   local.get $14
   i32.and
   i32.const 5
   i32.shl
   i32.add
   i32.load offset=28
   i32.const 3
   i32.lt_u
   local.get $9
   i32.load offset=28
   i32.const 3
   i32.lt_u
   i32.or
   if
    i32.const 0
    return
   end
  end
  local.get $8
  local.get $12
  i64.gt_s
  if
   local.get $0
   i32.load offset=36
   local.get $8
   i32.wrap_i64
   i32.const 1
   i32.sub
   local.get $0
   i32.load offset=32
   i32.const 1
   i32.sub
   i32.and
   i32.const 5
   i32.shl
   i32.add
   i32.load offset=28
   i32.const 3
   i32.lt_u
   if
    i32.const 0
    return
   end
  end
  local.get $0
  i32.load offset=28
  local.set $10
  local.get $0
  i64.load offset=16
  local.set $7
  local.get $9
  if
   local.get $9
   i32.load offset=28
   i32.const 4
   i32.ne
   if (result i32)
    local.get $9
    i32.load offset=8
    i32.const 1
    i32.ne
   else
    i32.const 0
   end
   if
    local.get $9
    i32.load offset=12
    local.tee $13
    local.get $6
    i32.sub
    i32.const 0
    i32.gt_s
    if
     local.get $13
     local.set $6
    end
   end
  end
  loop $while-continue|0
   local.get $6
   local.get $10
   i32.sub
   i32.const 0
   i32.gt_s
   if
    local.get $7
    i64.const 0
    i64.lt_s
    if
     i32.const 0
     return
    end
    local.get $0
    i32.load offset=36
    local.get $7
    i32.wrap_i64
    local.get $0
    i32.load offset=32
    i32.const 1
    i32.sub
    i32.and
    i32.const 5
    i32.shl
    i32.add
    local.tee $10
    i32.load offset=28
    i32.const 3
    i32.lt_u
    if
     i32.const 0
     return
    end
    local.get $10
    i32.const 4
    i32.store offset=28
    local.get $0
    local.get $10
    i32.load offset=12
    local.tee $10
    i32.store offset=28
    local.get $7
    i64.const 1
    i64.add
    local.set $7
    loop $while-continue|1
     local.get $7
     local.get $8
     i64.lt_s
     if (result i32)
      local.get $0
      i32.load offset=36
      local.get $7
      i32.wrap_i64
      local.get $0
      i32.load offset=32
      i32.const 1
      i32.sub
      i32.and
      i32.const 5
      i32.shl
      i32.add
      i32.load offset=8
      i32.const 1
      i32.eq
     else
      i32.const 0
     end
     if
      local.get $7
      i64.const 1
      i64.add
      local.set $7
      br $while-continue|1
     end
    end
    local.get $0
    i64.const -1
    local.get $7
    local.get $7
    local.get $8
    i64.ge_s
    select
    local.tee $7
    i64.store offset=16
    br $while-continue|0
   end
  end
  local.get $9
  if
   local.get $9
   i32.const 4
   i32.store offset=28
   local.get $0
   local.get $12
   i64.const 1
   i64.add
   i64.store offset=8
  end
  local.get $7
  i64.const 0
  i64.lt_s
  if
   local.get $0
   local.get $8
   i64.store offset=16
  end
  local.get $0
  i32.load offset=36
  local.get $8
  i32.wrap_i64
  local.get $0
  i32.load offset=32
  i32.const 1
  i32.sub
  i32.and
  i32.const 5
  i32.shl
  i32.add
  local.tee $6
  local.get $3
  f64.store
  local.get $6
  local.get $11
  i32.store offset=8
  local.get $6
  local.get $1
  i32.store offset=12
  local.get $6
  local.get $2
  i32.store offset=16
  local.get $6
  local.get $4
  i32.store offset=20
  local.get $6
  local.get $5
  i32.store offset=24
  local.get $6
  i32.const 3
  i32.store offset=28
  local.get $0
  local.get $8
  i64.const 1
  i64.add
  i64.store
  local.get $0
  local.get $1
  i32.store offset=24
  local.get $0
  i32.load offset=40
  i32.const 0
  local.get $11
  local.get $0
  i32.load offset=44
  i32.const 1
  i32.sub
  local.tee $2
  i32.and
  local.get $11
  local.get $1
  local.get $0
  i32.load offset=52
  i32.sub
  i32.xor
  local.get $2
  i32.const -1
  i32.xor
  i32.and
  select
  i32.add
  i32.const 8
  i32.add
 )
 (func $src/lane/lane.as/lineLength (param $0 i32) (param $1 i32) (result i32)
  (local $2 i32)
  (local $3 v128)
  loop $for-loop|0
   local.get $1
   local.get $2
   i32.gt_s
   if
    local.get $0
    local.get $2
    i32.add
    v128.load
    v128.const i32x4 0x0a0a0a0a 0x0a0a0a0a 0x0a0a0a0a 0x0a0a0a0a
    i8x16.eq
    local.tee $3
    v128.any_true
    if
     local.get $1
     local.get $2
     local.get $3
     i8x16.bitmask
     i32.ctz
     i32.add
     local.tee $0
     local.get $0
     local.get $1
     i32.gt_s
     select
     return
    end
    local.get $2
    i32.const 16
    i32.add
    local.set $2
    br $for-loop|0
   end
  end
  local.get $1
 )
 (func $src/lane/lane.as/extFrame (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (param $4 i32) (param $5 i32) (param $6 i32) (param $7 i32) (result i32)
  (local $8 v128)
  (local $9 i32)
  (local $10 i64)
  (local $11 v128)
  (local $12 v128)
  (local $13 v128)
  (local $14 i32)
  (local $15 i32)
  (local $16 i64)
  (local $17 i64)
  (local $18 i64)
  (local $19 i64)
  (local $20 v128)
  (local $21 v128)
  (local $22 v128)
  (local $23 i32)
  local.get $3
  i64.load
  local.tee $10
  i32.wrap_i64
  local.get $4
  i32.sub
  local.set $9
  local.get $10
  local.get $9
  i64.extend_i32_u
  i64.sub
  local.set $10
  local.get $9
  if (result i32)
   local.get $10
   local.get $3
   i64.load offset=8
   i64.lt_s
  else
   i32.const 1
  end
  if
   i32.const 0
   return
  end
  local.get $3
  i32.load offset=36
  local.get $4
  local.get $3
  i32.load offset=32
  i32.const 1
  i32.sub
  i32.and
  i32.const 5
  i32.shl
  i32.add
  local.tee $4
  i32.load offset=8
  local.set $9
  local.get $4
  i32.load offset=16
  local.set $14
  local.get $9
  i32.const 1
  i32.eq
  local.get $4
  i32.load offset=28
  i32.const 3
  i32.ne
  i32.or
  if (result i32)
   i32.const 1
  else
   local.get $4
   i32.load offset=24
   i32.const 0
   i32.lt_s
  end
  if
   i32.const 0
   return
  end
  i32.const 1
  local.get $14
  i32.const 134217728
  i32.and
  local.get $14
  i32.const 24
  i32.shr_u
  i32.const 7
  i32.and
  local.tee $15
  local.get $5
  i32.lt_u
  select
  i32.eqz
  if
   i32.const 0
   return
  end
  local.get $3
  i32.load offset=40
  i32.const 0
  local.get $9
  local.get $3
  i32.load offset=44
  i32.const 1
  i32.sub
  local.tee $5
  i32.and
  local.get $9
  local.get $4
  i32.load offset=12
  local.get $3
  i32.load offset=52
  i32.sub
  i32.xor
  local.get $5
  i32.const -1
  i32.xor
  i32.and
  select
  i32.add
  i32.const 8
  i32.add
  local.set $9
  local.get $14
  i32.const 13
  i32.shr_u
  i32.const 2040
  i32.and
  local.get $15
  i32.or
  local.set $3
  local.get $4
  f64.load
  i64.trunc_sat_f64_s
  local.set $16
  i32.const 99
  i32.const 45
  local.get $14
  i32.const 1073741824
  i32.and
  select
  local.set $5
  local.get $6
  if (result i64)
   local.get $4
   i64.load32_u offset=20
  else
   i64.const -1
  end
  local.set $17
  block $src/lane/lane.as/small|inlined.10 (result i32)
   local.get $3
   i32.const 10
   i32.lt_u
   if
    local.get $1
    local.get $3
    i32.const 48
    i32.add
    i32.store8
    local.get $1
    i32.const 1
    i32.add
    br $src/lane/lane.as/small|inlined.10
   end
   local.get $3
   i32.const 100
   i32.lt_u
   if
    local.get $1
    local.get $3
    i32.const 103
    i32.mul
    i32.const 10
    i32.shr_u
    local.tee $4
    i32.const 12336
    i32.add
    local.get $3
    local.get $4
    i32.const 10
    i32.mul
    i32.sub
    i32.const 8
    i32.shl
    i32.add
    i32.store16
    local.get $1
    i32.const 2
    i32.add
    br $src/lane/lane.as/small|inlined.10
   end
   local.get $3
   i32.const 10000
   i32.div_u
   local.tee $4
   i64.extend_i32_u
   local.get $3
   local.get $4
   i32.const 10000
   i32.mul
   i32.sub
   i64.extend_i32_u
   i64.const 32
   i64.shl
   i64.or
   local.tee $18
   i64.const 10486
   i64.mul
   i64.const 20
   i64.shr_u
   i64.const 545460846719
   i64.and
   local.tee $19
   local.get $18
   local.get $19
   i64.const 100
   i64.mul
   i64.sub
   i64.const 16
   i64.shl
   i64.or
   local.tee $18
   i64.const 103
   i64.mul
   i64.const 10
   i64.shr_u
   i64.const 4222189076152335
   i64.and
   local.tee $19
   local.get $18
   local.get $19
   i64.const 10
   i64.mul
   i64.sub
   i64.const 8
   i64.shl
   i64.or
   i64.const 3472328296227680304
   i64.or
   local.set $18
   local.get $3
   i32.const 10000000
   i32.ge_u
   if
    local.get $1
    local.get $18
    i64.store
    local.get $1
    i32.const 8
    i32.add
    br $src/lane/lane.as/small|inlined.10
   end
   local.get $3
   i32.const 1000000
   i32.ge_u
   if
    local.get $1
    local.get $18
    i64.const 8
    i64.shr_u
    i64.store
    local.get $1
    i32.const 7
    i32.add
    br $src/lane/lane.as/small|inlined.10
   end
   local.get $3
   i32.const 100000
   i32.ge_u
   if
    local.get $1
    local.get $18
    i64.const 16
    i64.shr_u
    i64.store
    local.get $1
    i32.const 6
    i32.add
    br $src/lane/lane.as/small|inlined.10
   end
   local.get $3
   i32.const 10000
   i32.ge_u
   if
    local.get $1
    local.get $18
    i64.const 24
    i64.shr_u
    i64.store
    local.get $1
    i32.const 5
    i32.add
    br $src/lane/lane.as/small|inlined.10
   end
   local.get $3
   i32.const 1000
   i32.ge_u
   if
    local.get $1
    local.get $18
    i64.const 32
    i64.shr_u
    i64.store
    local.get $1
    i32.const 4
    i32.add
    br $src/lane/lane.as/small|inlined.10
   end
   local.get $1
   local.get $18
   i64.const 40
   i64.shr_u
   i64.store
   local.get $1
   i32.const 3
   i32.add
  end
  local.tee $3
  i32.const 44
  i32.store8
  local.get $3
  i32.const 1
  i32.add
  local.set $3
  block $src/lane/lane.as/decimal|inlined.3 (result i32)
   local.get $10
   i64.const 100000000
   i64.lt_s
   if
    block $src/lane/lane.as/small|inlined.11 (result i32)
     local.get $10
     i32.wrap_i64
     local.tee $4
     i32.const 10
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 48
      i32.add
      i32.store8
      local.get $3
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.11
     end
     local.get $4
     i32.const 100
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $6
      i32.const 12336
      i32.add
      local.get $4
      local.get $6
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $3
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.11
     end
     local.get $4
     i32.const 10000
     i32.div_u
     local.tee $6
     i64.extend_i32_u
     local.get $4
     local.get $6
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $10
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $18
     local.get $10
     local.get $18
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $10
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $18
     local.get $10
     local.get $18
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $10
     local.get $4
     i32.const 10000000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.store
      local.get $3
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.11
     end
     local.get $4
     i32.const 1000000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 8
      i64.shr_u
      i64.store
      local.get $3
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.11
     end
     local.get $4
     i32.const 100000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 16
      i64.shr_u
      i64.store
      local.get $3
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.11
     end
     local.get $4
     i32.const 10000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 24
      i64.shr_u
      i64.store
      local.get $3
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.11
     end
     local.get $4
     i32.const 1000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 32
      i64.shr_u
      i64.store
      local.get $3
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.11
     end
     local.get $3
     local.get $10
     i64.const 40
     i64.shr_u
     i64.store
     local.get $3
     i32.const 3
     i32.add
    end
    br $src/lane/lane.as/decimal|inlined.3
   end
   local.get $10
   i64.const 4294967296
   i64.lt_s
   if
    block $src/lane/lane.as/small|inlined.12 (result i32)
     local.get $10
     i32.wrap_i64
     i32.const 100000000
     i32.div_u
     local.tee $4
     i32.const 10
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 48
      i32.add
      i32.store8
      local.get $3
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.12
     end
     local.get $4
     i32.const 100
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $6
      i32.const 12336
      i32.add
      local.get $4
      local.get $6
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $3
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.12
     end
     local.get $4
     i32.const 10000
     i32.div_u
     local.tee $6
     i64.extend_i32_u
     local.get $4
     local.get $6
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $18
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $19
     local.get $18
     local.get $19
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $18
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $19
     local.get $18
     local.get $19
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $18
     local.get $4
     i32.const 10000000
     i32.ge_u
     if
      local.get $3
      local.get $18
      i64.store
      local.get $3
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.12
     end
     local.get $4
     i32.const 1000000
     i32.ge_u
     if
      local.get $3
      local.get $18
      i64.const 8
      i64.shr_u
      i64.store
      local.get $3
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.12
     end
     local.get $4
     i32.const 100000
     i32.ge_u
     if
      local.get $3
      local.get $18
      i64.const 16
      i64.shr_u
      i64.store
      local.get $3
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.12
     end
     local.get $4
     i32.const 10000
     i32.ge_u
     if
      local.get $3
      local.get $18
      i64.const 24
      i64.shr_u
      i64.store
      local.get $3
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.12
     end
     local.get $4
     i32.const 1000
     i32.ge_u
     if
      local.get $3
      local.get $18
      i64.const 32
      i64.shr_u
      i64.store
      local.get $3
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.12
     end
     local.get $3
     local.get $18
     i64.const 40
     i64.shr_u
     i64.store
     local.get $3
     i32.const 3
     i32.add
    end
    local.tee $3
    local.get $10
    i32.wrap_i64
    local.get $4
    i32.const 100000000
    i32.mul
    i32.sub
    local.tee $4
    i32.const 10000
    i32.div_u
    local.tee $6
    i64.extend_i32_u
    local.get $4
    local.get $6
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $10
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $18
    local.get $10
    local.get $18
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $10
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $18
    local.get $10
    local.get $18
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    i64.store
    local.get $3
    i32.const 8
    i32.add
    br $src/lane/lane.as/decimal|inlined.3
   end
   block $src/lane/lane.as/small|inlined.13 (result i32)
    local.get $10
    local.get $10
    f64.convert_i64_s
    f64.const 1e-08
    f64.mul
    i64.trunc_sat_f64_s
    local.tee $18
    i64.const 100000000
    i64.mul
    i64.sub
    local.tee $10
    i64.const 0
    i64.lt_s
    if (result i64)
     local.get $10
     i64.const 100000000
     i64.add
     local.set $10
     local.get $18
     i64.const 1
     i64.sub
    else
     local.get $10
     i64.const 100000000
     i64.ge_s
     if (result i64)
      local.get $10
      i64.const 100000000
      i64.sub
      local.set $10
      local.get $18
      i64.const 1
      i64.add
     else
      local.get $18
     end
    end
    i32.wrap_i64
    local.tee $4
    i32.const 10
    i32.lt_u
    if
     local.get $3
     local.get $4
     i32.const 48
     i32.add
     i32.store8
     local.get $3
     i32.const 1
     i32.add
     br $src/lane/lane.as/small|inlined.13
    end
    local.get $4
    i32.const 100
    i32.lt_u
    if
     local.get $3
     local.get $4
     i32.const 103
     i32.mul
     i32.const 10
     i32.shr_u
     local.tee $6
     i32.const 12336
     i32.add
     local.get $4
     local.get $6
     i32.const 10
     i32.mul
     i32.sub
     i32.const 8
     i32.shl
     i32.add
     i32.store16
     local.get $3
     i32.const 2
     i32.add
     br $src/lane/lane.as/small|inlined.13
    end
    local.get $4
    i32.const 10000
    i32.div_u
    local.tee $6
    i64.extend_i32_u
    local.get $4
    local.get $6
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $18
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $19
    local.get $18
    local.get $19
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $18
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $19
    local.get $18
    local.get $19
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    local.set $18
    local.get $4
    i32.const 10000000
    i32.ge_u
    if
     local.get $3
     local.get $18
     i64.store
     local.get $3
     i32.const 8
     i32.add
     br $src/lane/lane.as/small|inlined.13
    end
    local.get $4
    i32.const 1000000
    i32.ge_u
    if
     local.get $3
     local.get $18
     i64.const 8
     i64.shr_u
     i64.store
     local.get $3
     i32.const 7
     i32.add
     br $src/lane/lane.as/small|inlined.13
    end
    local.get $4
    i32.const 100000
    i32.ge_u
    if
     local.get $3
     local.get $18
     i64.const 16
     i64.shr_u
     i64.store
     local.get $3
     i32.const 6
     i32.add
     br $src/lane/lane.as/small|inlined.13
    end
    local.get $4
    i32.const 10000
    i32.ge_u
    if
     local.get $3
     local.get $18
     i64.const 24
     i64.shr_u
     i64.store
     local.get $3
     i32.const 5
     i32.add
     br $src/lane/lane.as/small|inlined.13
    end
    local.get $4
    i32.const 1000
    i32.ge_u
    if
     local.get $3
     local.get $18
     i64.const 32
     i64.shr_u
     i64.store
     local.get $3
     i32.const 4
     i32.add
     br $src/lane/lane.as/small|inlined.13
    end
    local.get $3
    local.get $18
    i64.const 40
    i64.shr_u
    i64.store
    local.get $3
    i32.const 3
    i32.add
   end
   local.tee $3
   local.get $10
   i32.wrap_i64
   local.tee $4
   i32.const 10000
   i32.div_u
   local.tee $6
   i64.extend_i32_u
   local.get $4
   local.get $6
   i32.const 10000
   i32.mul
   i32.sub
   i64.extend_i32_u
   i64.const 32
   i64.shl
   i64.or
   local.tee $10
   i64.const 10486
   i64.mul
   i64.const 20
   i64.shr_u
   i64.const 545460846719
   i64.and
   local.tee $18
   local.get $10
   local.get $18
   i64.const 100
   i64.mul
   i64.sub
   i64.const 16
   i64.shl
   i64.or
   local.tee $10
   i64.const 103
   i64.mul
   i64.const 10
   i64.shr_u
   i64.const 4222189076152335
   i64.and
   local.tee $18
   local.get $10
   local.get $18
   i64.const 10
   i64.mul
   i64.sub
   i64.const 8
   i64.shl
   i64.or
   i64.const 3472328296227680304
   i64.or
   i64.store
   local.get $3
   i32.const 8
   i32.add
  end
  local.tee $3
  i32.const 44
  i32.store8
  local.get $3
  i32.const 1
  i32.add
  local.set $3
  block $src/lane/lane.as/decimal|inlined.4 (result i32)
   local.get $16
   i64.const 100000000
   i64.lt_s
   if
    block $src/lane/lane.as/small|inlined.14 (result i32)
     local.get $16
     i32.wrap_i64
     local.tee $4
     i32.const 10
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 48
      i32.add
      i32.store8
      local.get $3
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.14
     end
     local.get $4
     i32.const 100
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $6
      i32.const 12336
      i32.add
      local.get $4
      local.get $6
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $3
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.14
     end
     local.get $4
     i32.const 10000
     i32.div_u
     local.tee $6
     i64.extend_i32_u
     local.get $4
     local.get $6
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $10
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $16
     local.get $10
     local.get $16
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $10
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $16
     local.get $10
     local.get $16
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $10
     local.get $4
     i32.const 10000000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.store
      local.get $3
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.14
     end
     local.get $4
     i32.const 1000000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 8
      i64.shr_u
      i64.store
      local.get $3
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.14
     end
     local.get $4
     i32.const 100000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 16
      i64.shr_u
      i64.store
      local.get $3
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.14
     end
     local.get $4
     i32.const 10000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 24
      i64.shr_u
      i64.store
      local.get $3
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.14
     end
     local.get $4
     i32.const 1000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 32
      i64.shr_u
      i64.store
      local.get $3
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.14
     end
     local.get $3
     local.get $10
     i64.const 40
     i64.shr_u
     i64.store
     local.get $3
     i32.const 3
     i32.add
    end
    br $src/lane/lane.as/decimal|inlined.4
   end
   local.get $16
   i64.const 4294967296
   i64.lt_s
   if
    block $src/lane/lane.as/small|inlined.15 (result i32)
     local.get $16
     i32.wrap_i64
     i32.const 100000000
     i32.div_u
     local.tee $4
     i32.const 10
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 48
      i32.add
      i32.store8
      local.get $3
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.15
     end
     local.get $4
     i32.const 100
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $6
      i32.const 12336
      i32.add
      local.get $4
      local.get $6
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $3
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.15
     end
     local.get $4
     i32.const 10000
     i32.div_u
     local.tee $6
     i64.extend_i32_u
     local.get $4
     local.get $6
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $10
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $18
     local.get $10
     local.get $18
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $10
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $18
     local.get $10
     local.get $18
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $10
     local.get $4
     i32.const 10000000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.store
      local.get $3
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.15
     end
     local.get $4
     i32.const 1000000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 8
      i64.shr_u
      i64.store
      local.get $3
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.15
     end
     local.get $4
     i32.const 100000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 16
      i64.shr_u
      i64.store
      local.get $3
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.15
     end
     local.get $4
     i32.const 10000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 24
      i64.shr_u
      i64.store
      local.get $3
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.15
     end
     local.get $4
     i32.const 1000
     i32.ge_u
     if
      local.get $3
      local.get $10
      i64.const 32
      i64.shr_u
      i64.store
      local.get $3
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.15
     end
     local.get $3
     local.get $10
     i64.const 40
     i64.shr_u
     i64.store
     local.get $3
     i32.const 3
     i32.add
    end
    local.tee $3
    local.get $16
    i32.wrap_i64
    local.get $4
    i32.const 100000000
    i32.mul
    i32.sub
    local.tee $4
    i32.const 10000
    i32.div_u
    local.tee $6
    i64.extend_i32_u
    local.get $4
    local.get $6
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $10
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $16
    local.get $10
    local.get $16
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $10
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $16
    local.get $10
    local.get $16
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    i64.store
    local.get $3
    i32.const 8
    i32.add
    br $src/lane/lane.as/decimal|inlined.4
   end
   block $src/lane/lane.as/small|inlined.16 (result i32)
    local.get $16
    local.get $16
    f64.convert_i64_s
    f64.const 1e-08
    f64.mul
    i64.trunc_sat_f64_s
    local.tee $16
    i64.const 100000000
    i64.mul
    i64.sub
    local.tee $10
    i64.const 0
    i64.lt_s
    if (result i64)
     local.get $10
     i64.const 100000000
     i64.add
     local.set $10
     local.get $16
     i64.const 1
     i64.sub
    else
     local.get $10
     i64.const 100000000
     i64.ge_s
     if (result i64)
      local.get $10
      i64.const 100000000
      i64.sub
      local.set $10
      local.get $16
      i64.const 1
      i64.add
     else
      local.get $16
     end
    end
    i32.wrap_i64
    local.tee $4
    i32.const 10
    i32.lt_u
    if
     local.get $3
     local.get $4
     i32.const 48
     i32.add
     i32.store8
     local.get $3
     i32.const 1
     i32.add
     br $src/lane/lane.as/small|inlined.16
    end
    local.get $4
    i32.const 100
    i32.lt_u
    if
     local.get $3
     local.get $4
     i32.const 103
     i32.mul
     i32.const 10
     i32.shr_u
     local.tee $6
     i32.const 12336
     i32.add
     local.get $4
     local.get $6
     i32.const 10
     i32.mul
     i32.sub
     i32.const 8
     i32.shl
     i32.add
     i32.store16
     local.get $3
     i32.const 2
     i32.add
     br $src/lane/lane.as/small|inlined.16
    end
    local.get $4
    i32.const 10000
    i32.div_u
    local.tee $6
    i64.extend_i32_u
    local.get $4
    local.get $6
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $16
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $18
    local.get $16
    local.get $18
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $16
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $18
    local.get $16
    local.get $18
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    local.set $16
    local.get $4
    i32.const 10000000
    i32.ge_u
    if
     local.get $3
     local.get $16
     i64.store
     local.get $3
     i32.const 8
     i32.add
     br $src/lane/lane.as/small|inlined.16
    end
    local.get $4
    i32.const 1000000
    i32.ge_u
    if
     local.get $3
     local.get $16
     i64.const 8
     i64.shr_u
     i64.store
     local.get $3
     i32.const 7
     i32.add
     br $src/lane/lane.as/small|inlined.16
    end
    local.get $4
    i32.const 100000
    i32.ge_u
    if
     local.get $3
     local.get $16
     i64.const 16
     i64.shr_u
     i64.store
     local.get $3
     i32.const 6
     i32.add
     br $src/lane/lane.as/small|inlined.16
    end
    local.get $4
    i32.const 10000
    i32.ge_u
    if
     local.get $3
     local.get $16
     i64.const 24
     i64.shr_u
     i64.store
     local.get $3
     i32.const 5
     i32.add
     br $src/lane/lane.as/small|inlined.16
    end
    local.get $4
    i32.const 1000
    i32.ge_u
    if
     local.get $3
     local.get $16
     i64.const 32
     i64.shr_u
     i64.store
     local.get $3
     i32.const 4
     i32.add
     br $src/lane/lane.as/small|inlined.16
    end
    local.get $3
    local.get $16
    i64.const 40
    i64.shr_u
    i64.store
    local.get $3
    i32.const 3
    i32.add
   end
   local.tee $3
   local.get $10
   i32.wrap_i64
   local.tee $4
   i32.const 10000
   i32.div_u
   local.tee $6
   i64.extend_i32_u
   local.get $4
   local.get $6
   i32.const 10000
   i32.mul
   i32.sub
   i64.extend_i32_u
   i64.const 32
   i64.shl
   i64.or
   local.tee $10
   i64.const 10486
   i64.mul
   i64.const 20
   i64.shr_u
   i64.const 545460846719
   i64.and
   local.tee $16
   local.get $10
   local.get $16
   i64.const 100
   i64.mul
   i64.sub
   i64.const 16
   i64.shl
   i64.or
   local.tee $10
   i64.const 103
   i64.mul
   i64.const 10
   i64.shr_u
   i64.const 4222189076152335
   i64.and
   local.tee $16
   local.get $10
   local.get $16
   i64.const 10
   i64.mul
   i64.sub
   i64.const 8
   i64.shl
   i64.or
   i64.const 3472328296227680304
   i64.or
   i64.store
   local.get $3
   i32.const 8
   i32.add
  end
  local.tee $3
  local.get $5
  i32.const 8
  i32.shl
  i32.const 44
  i32.or
  i32.store16
  local.get $3
  i32.const 2
  i32.add
  local.set $3
  local.get $17
  i64.const 0
  i64.ge_s
  if
   local.get $3
   i64.const 4427712900007813932
   i64.store
   local.get $3
   i32.const 8
   i32.add
   i32.const 67
   i32.const 84
   local.get $17
   i64.const 2147483648
   i64.ge_s
   select
   i32.store8
   local.get $3
   i32.const 9
   i32.add
   local.set $3
   block $src/lane/lane.as/decimal|inlined.5 (result i32)
    local.get $17
    i64.const 2147483647
    i64.and
    local.tee $10
    i64.const 100000000
    i64.lt_u
    if
     block $src/lane/lane.as/small|inlined.17 (result i32)
      local.get $10
      i32.wrap_i64
      local.tee $4
      i32.const 10
      i32.lt_u
      if
       local.get $3
       local.get $4
       i32.const 48
       i32.add
       i32.store8
       local.get $3
       i32.const 1
       i32.add
       br $src/lane/lane.as/small|inlined.17
      end
      local.get $4
      i32.const 100
      i32.lt_u
      if
       local.get $3
       local.get $4
       i32.const 103
       i32.mul
       i32.const 10
       i32.shr_u
       local.tee $5
       i32.const 12336
       i32.add
       local.get $4
       local.get $5
       i32.const 10
       i32.mul
       i32.sub
       i32.const 8
       i32.shl
       i32.add
       i32.store16
       local.get $3
       i32.const 2
       i32.add
       br $src/lane/lane.as/small|inlined.17
      end
      local.get $4
      i32.const 10000
      i32.div_u
      local.tee $5
      i64.extend_i32_u
      local.get $4
      local.get $5
      i32.const 10000
      i32.mul
      i32.sub
      i64.extend_i32_u
      i64.const 32
      i64.shl
      i64.or
      local.tee $10
      i64.const 10486
      i64.mul
      i64.const 20
      i64.shr_u
      i64.const 545460846719
      i64.and
      local.tee $16
      local.get $10
      local.get $16
      i64.const 100
      i64.mul
      i64.sub
      i64.const 16
      i64.shl
      i64.or
      local.tee $10
      i64.const 103
      i64.mul
      i64.const 10
      i64.shr_u
      i64.const 4222189076152335
      i64.and
      local.tee $16
      local.get $10
      local.get $16
      i64.const 10
      i64.mul
      i64.sub
      i64.const 8
      i64.shl
      i64.or
      i64.const 3472328296227680304
      i64.or
      local.set $10
      local.get $4
      i32.const 10000000
      i32.ge_u
      if
       local.get $3
       local.get $10
       i64.store
       local.get $3
       i32.const 8
       i32.add
       br $src/lane/lane.as/small|inlined.17
      end
      local.get $4
      i32.const 1000000
      i32.ge_u
      if
       local.get $3
       local.get $10
       i64.const 8
       i64.shr_u
       i64.store
       local.get $3
       i32.const 7
       i32.add
       br $src/lane/lane.as/small|inlined.17
      end
      local.get $4
      i32.const 100000
      i32.ge_u
      if
       local.get $3
       local.get $10
       i64.const 16
       i64.shr_u
       i64.store
       local.get $3
       i32.const 6
       i32.add
       br $src/lane/lane.as/small|inlined.17
      end
      local.get $4
      i32.const 10000
      i32.ge_u
      if
       local.get $3
       local.get $10
       i64.const 24
       i64.shr_u
       i64.store
       local.get $3
       i32.const 5
       i32.add
       br $src/lane/lane.as/small|inlined.17
      end
      local.get $4
      i32.const 1000
      i32.ge_u
      if
       local.get $3
       local.get $10
       i64.const 32
       i64.shr_u
       i64.store
       local.get $3
       i32.const 4
       i32.add
       br $src/lane/lane.as/small|inlined.17
      end
      local.get $3
      local.get $10
      i64.const 40
      i64.shr_u
      i64.store
      local.get $3
      i32.const 3
      i32.add
     end
     br $src/lane/lane.as/decimal|inlined.5
    end
    block $src/lane/lane.as/small|inlined.18 (result i32)
     local.get $10
     i32.wrap_i64
     i32.const 100000000
     i32.div_u
     local.tee $4
     i32.const 10
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 48
      i32.add
      i32.store8
      local.get $3
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.18
     end
     local.get $4
     i32.const 100
     i32.lt_u
     if
      local.get $3
      local.get $4
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $5
      i32.const 12336
      i32.add
      local.get $4
      local.get $5
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $3
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.18
     end
     local.get $4
     i32.const 10000
     i32.div_u
     local.tee $5
     i64.extend_i32_u
     local.get $4
     local.get $5
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $16
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $17
     local.get $16
     local.get $17
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $16
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $17
     local.get $16
     local.get $17
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $16
     local.get $4
     i32.const 10000000
     i32.ge_u
     if
      local.get $3
      local.get $16
      i64.store
      local.get $3
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.18
     end
     local.get $4
     i32.const 1000000
     i32.ge_u
     if
      local.get $3
      local.get $16
      i64.const 8
      i64.shr_u
      i64.store
      local.get $3
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.18
     end
     local.get $4
     i32.const 100000
     i32.ge_u
     if
      local.get $3
      local.get $16
      i64.const 16
      i64.shr_u
      i64.store
      local.get $3
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.18
     end
     local.get $4
     i32.const 10000
     i32.ge_u
     if
      local.get $3
      local.get $16
      i64.const 24
      i64.shr_u
      i64.store
      local.get $3
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.18
     end
     local.get $4
     i32.const 1000
     i32.ge_u
     if
      local.get $3
      local.get $16
      i64.const 32
      i64.shr_u
      i64.store
      local.get $3
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.18
     end
     local.get $3
     local.get $16
     i64.const 40
     i64.shr_u
     i64.store
     local.get $3
     i32.const 3
     i32.add
    end
    local.tee $3
    local.get $10
    i32.wrap_i64
    local.get $4
    i32.const 100000000
    i32.mul
    i32.sub
    local.tee $4
    i32.const 10000
    i32.div_u
    local.tee $5
    i64.extend_i32_u
    local.get $4
    local.get $5
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $10
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $16
    local.get $10
    local.get $16
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $10
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $16
    local.get $10
    local.get $16
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    i64.store
    local.get $3
    i32.const 8
    i32.add
   end
   local.set $3
  end
  local.get $3
  i32.const 59
  i32.store8
  local.get $14
  i32.const 65535
  i32.and
  local.tee $14
  local.get $3
  i32.const 1
  i32.add
  local.tee $6
  local.get $1
  i32.sub
  i32.add
  i32.const 1
  i32.add
  local.tee $5
  local.get $2
  i32.gt_s
  if
   i32.const 0
   return
  end
  v128.const i32x4 0x7f7f7f7f 0x7f7f7f7f 0x7f7f7f7f 0x7f7f7f7f
  local.set $12
  i32.const 0
  local.set $3
  local.get $14
  i32.const -64
  i32.and
  local.set $4
  loop $for-loop|0
   local.get $3
   local.get $4
   i32.lt_u
   if
    local.get $12
    local.get $3
    local.get $9
    i32.add
    local.tee $15
    v128.load
    local.tee $20
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    local.get $15
    v128.load offset=16
    local.tee $21
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    i8x16.min_s
    local.get $15
    v128.load offset=32
    local.tee $13
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    local.get $15
    v128.load offset=48
    local.tee $22
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    i8x16.min_s
    i8x16.min_s
    i8x16.min_s
    local.set $12
    local.get $8
    local.get $20
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    local.get $21
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    local.get $13
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    local.get $22
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    v128.or
    v128.or
    local.set $8
    local.get $3
    local.get $6
    i32.add
    local.tee $15
    local.get $20
    v128.store
    local.get $15
    local.get $21
    v128.store offset=16
    local.get $15
    local.get $13
    v128.store offset=32
    local.get $15
    local.get $22
    v128.store offset=48
    local.get $11
    local.get $20
    v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001
    i32x4.dot_i16x8_s
    local.get $21
    v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001
    i32x4.dot_i16x8_s
    i32x4.add
    local.get $13
    v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001
    i32x4.dot_i16x8_s
    local.get $22
    v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001
    i32x4.dot_i16x8_s
    i32x4.add
    i32x4.add
    i32x4.add
    local.set $11
    local.get $3
    i32.const -64
    i32.sub
    local.set $3
    br $for-loop|0
   end
  end
  loop $for-loop|1
   local.get $3
   i32.const 16
   i32.add
   local.tee $4
   local.get $14
   i32.le_u
   if
    local.get $12
    local.get $3
    local.get $9
    i32.add
    v128.load
    local.tee $13
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    i8x16.min_s
    local.set $12
    local.get $8
    local.get $13
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    local.set $8
    local.get $3
    local.get $6
    i32.add
    local.get $13
    v128.store
    local.get $11
    local.get $13
    v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001
    i32x4.dot_i16x8_s
    i32x4.add
    local.set $11
    local.get $4
    local.set $3
    br $for-loop|1
   end
  end
  local.get $3
  local.get $14
  i32.lt_u
  if (result v128)
   local.get $3
   local.get $6
   i32.add
   local.get $3
   local.get $9
   i32.add
   v128.load
   local.tee $13
   v128.const i32x4 0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c
   local.get $14
   local.get $3
   i32.sub
   i8x16.splat
   i8x16.lt_u
   local.tee $20
   v128.and
   local.tee $21
   v128.store
   local.get $11
   local.get $21
   v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001
   i32x4.dot_i16x8_s
   i32x4.add
   local.set $11
   local.get $8
   local.get $13
   v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
   i8x16.add
   v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
   i8x16.lt_s
   local.get $13
   v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
   i8x16.eq
   v128.or
   local.get $20
   v128.and
   v128.or
  else
   local.get $8
  end
  local.get $12
  v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
  i8x16.lt_s
  v128.or
  v128.any_true
  if
   local.get $2
   i32.const 1
   i32.add
   local.get $1
   i32.add
   local.tee $15
   local.get $6
   local.tee $5
   i32.sub
   local.tee $4
   local.get $14
   local.get $9
   local.tee $3
   i32.add
   local.tee $14
   local.get $3
   i32.sub
   local.tee $23
   local.get $4
   local.get $23
   i32.lt_u
   select
   i32.const -64
   i32.and
   local.get $3
   i32.add
   local.set $4
   loop $while-continue|2
    local.get $3
    local.get $4
    i32.lt_u
    if
     local.get $3
     v128.load
     local.tee $8
     v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
     i8x16.add
     v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
     i8x16.lt_s
     local.get $8
     v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
     i8x16.eq
     v128.or
     local.get $3
     v128.load offset=16
     local.tee $11
     v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
     i8x16.add
     v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
     i8x16.lt_s
     local.get $11
     v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
     i8x16.eq
     v128.or
     v128.or
     local.get $3
     v128.load offset=32
     local.tee $12
     v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
     i8x16.add
     v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
     i8x16.lt_s
     local.get $12
     v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
     i8x16.eq
     v128.or
     local.get $3
     v128.load offset=48
     local.tee $13
     v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
     i8x16.add
     v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
     i8x16.lt_s
     local.get $13
     v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
     i8x16.eq
     v128.or
     v128.or
     v128.or
     v128.any_true
     i32.eqz
     if
      local.get $5
      local.get $8
      v128.store
      local.get $5
      local.get $11
      v128.store offset=16
      local.get $5
      local.get $12
      v128.store offset=32
      local.get $5
      local.get $13
      v128.store offset=48
      local.get $3
      i32.const -64
      i32.sub
      local.set $3
      local.get $5
      i32.const -64
      i32.sub
      local.set $5
      br $while-continue|2
     end
    end
   end
   loop $while-continue|3
    local.get $3
    local.get $14
    i32.lt_u
    if
     block $while-break|3
      local.get $3
      v128.load
      local.tee $8
      v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
      i8x16.add
      v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
      i8x16.lt_s
      local.get $8
      v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
      i8x16.eq
      v128.or
      local.tee $11
      i8x16.bitmask
      i32.ctz
      i32.const 16
      local.get $11
      v128.any_true
      select
      local.tee $23
      local.get $14
      local.get $3
      i32.sub
      local.tee $4
      i32.le_u
      if
       local.get $23
       local.set $4
      end
      local.get $5
      i32.const 16
      i32.add
      local.get $15
      i32.gt_u
      br_if $while-break|3
      local.get $5
      local.get $8
      v128.store
      local.get $3
      local.get $4
      i32.add
      local.set $3
      local.get $4
      local.get $5
      i32.add
      local.set $5
      local.get $4
      i32.const 16
      i32.lt_u
      br_if $while-break|3
      br $while-continue|3
     end
    end
   end
   local.get $15
   local.get $3
   local.get $9
   i32.sub
   local.tee $3
   local.get $9
   i32.add
   local.get $14
   i32.eq
   if (result i32)
    local.get $3
    local.get $6
    i32.add
   else
    local.get $3
    local.get $9
    i32.add
    local.get $14
    local.get $3
    local.get $6
    i32.add
    local.get $15
    call $src/lane/lane.as/slowEscape
   end
   local.tee $3
   i32.gt_u
   if (result i32)
    local.get $3
    i32.const 10
    i32.store8
    local.get $3
    i32.const 1
    i32.add
   else
    local.get $3
   end
   local.get $1
   i32.sub
   local.tee $4
   local.get $2
   i32.gt_s
   if
    i32.const 0
    return
   end
   v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
   local.set $8
   i32.const 0
   local.set $3
   loop $for-loop|4
    local.get $3
    i32.const 16
    i32.add
    local.tee $2
    local.get $4
    i32.le_u
    if
     local.get $1
     local.get $3
     i32.add
     local.tee $3
     v128.load
     local.set $11
     local.get $3
     local.get $11
     v128.store
     local.get $8
     local.get $11
     i32x4.extadd_pairwise_i16x8_u
     i32x4.add
     local.set $8
     local.get $2
     local.set $3
     br $for-loop|4
    end
   end
   local.get $3
   local.get $4
   i32.lt_u
   if
    local.get $1
    local.get $3
    i32.add
    local.tee $2
    v128.load
    v128.const i32x4 0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c
    local.get $4
    local.get $3
    i32.sub
    i8x16.splat
    i8x16.lt_u
    v128.and
    local.set $11
    local.get $2
    local.get $11
    v128.store
    local.get $8
    local.get $11
    i32x4.extadd_pairwise_i16x8_u
    i32x4.add
    local.set $8
   end
   local.get $1
   i32.const -64
   i32.add
   local.tee $2
   i32.const 16
   i32.add
   local.get $0
   i32.const 16
   i32.add
   v128.load
   v128.store
   local.get $2
   i32.const 32
   i32.add
   local.get $0
   i32.const 32
   i32.add
   v128.load
   v128.store
   local.get $2
   i32.const 48
   i32.add
   local.get $0
   i32.const 48
   i32.add
   v128.load
   v128.store
   local.get $1
   i32.const 4
   i32.sub
   local.get $4
   i32.const 8
   i32.add
   local.tee $3
   i32.const 8
   i32.shr_u
   i32.const 255
   i32.and
   local.get $3
   i32.const 255
   i32.and
   i32.const 8
   i32.shl
   i32.or
   local.tee $3
   i32.store16
   local.get $0
   i32.load offset=64
   i32.const 42
   i32.eq
   if
    local.get $1
    i32.const 26
    i32.sub
    local.get $4
    i32.const 28
    i32.add
    local.tee $2
    i32.const 8
    i32.shr_u
    i32.const 255
    i32.and
    local.get $2
    i32.const 255
    i32.and
    i32.const 8
    i32.shl
    i32.or
    local.tee $2
    local.get $7
    i32.const 8
    i32.shr_u
    i32.const 255
    i32.and
    local.get $7
    i32.const 255
    i32.and
    i32.const 8
    i32.shl
    i32.or
    local.tee $5
    i32.const 16
    i32.shl
    i32.or
    i32.store
    local.get $1
    i32.const 18
    i32.sub
    local.get $0
    i32.load offset=68
    local.get $2
    i32.add
    local.get $5
    i32.add
    local.tee $2
    i32.const 65535
    i32.and
    local.get $2
    i32.const 16
    i32.shr_u
    i32.add
    local.tee $2
    i32.const 65535
    i32.and
    local.get $2
    i32.const 16
    i32.shr_u
    i32.add
    i32.const -1
    i32.xor
    i32.store16
   else
    local.get $2
    local.get $0
    v128.load
    v128.store
    local.get $1
    i32.const 44
    i32.sub
    local.get $3
    i32.store16
   end
   local.get $0
   i32.load offset=76
   if
    local.get $1
    i32.const 2
    i32.sub
    local.get $0
    i32.load offset=72
    local.get $3
    i32.const 1
    i32.shl
    i32.add
    local.get $8
    i32x4.extract_lane 0
    local.get $8
    i32x4.extract_lane 1
    i32.add
    local.get $8
    i32x4.extract_lane 2
    i32.add
    local.get $8
    i32x4.extract_lane 3
    i32.add
    i32.add
    local.tee $0
    i32.const 65535
    i32.and
    local.get $0
    i32.const 16
    i32.shr_u
    i32.add
    local.tee $0
    i32.const 65535
    i32.and
    local.get $0
    i32.const 16
    i32.shr_u
    i32.add
    i32.const -1
    i32.xor
    i32.const 65535
    i32.and
    local.tee $0
    i32.const 65535
    local.get $0
    select
    i32.store16
   end
   local.get $4
   return
  end
  local.get $6
  local.get $14
  i32.add
  local.tee $2
  i32.const 10
  i32.store8
  local.get $11
  i32x4.extract_lane 0
  local.get $11
  i32x4.extract_lane 1
  i32.add
  local.get $11
  i32x4.extract_lane 2
  i32.add
  local.get $11
  i32x4.extract_lane 3
  i32.add
  local.tee $3
  i32.const 65535
  i32.and
  local.get $3
  i32.const 16
  i32.shr_u
  i32.add
  local.tee $3
  i32.const 65535
  i32.and
  local.get $3
  i32.const 16
  i32.shr_u
  i32.add
  local.set $3
  local.get $6
  i32.const 1
  i32.and
  if (result i32)
   local.get $3
   i32.const 8
   i32.shr_u
   i32.const 255
   i32.and
   local.get $3
   i32.const 255
   i32.and
   i32.const 8
   i32.shl
   i32.or
  else
   local.get $3
  end
  i32.const 2560
  i32.const 10
  local.get $2
  i32.const 1
  i32.and
  select
  i32.add
  v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
  local.set $11
  local.get $1
  local.set $2
  loop $for-loop|5
   local.get $2
   i32.const 16
   i32.add
   local.tee $3
   local.get $6
   i32.le_u
   if
    local.get $11
    local.get $2
    v128.load
    v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001
    i32x4.dot_i16x8_s
    i32x4.add
    local.set $11
    local.get $3
    local.set $2
    br $for-loop|5
   end
  end
  local.get $11
  local.get $2
  v128.load
  v128.const i32x4 0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c
  local.get $6
  local.get $2
  i32.sub
  i8x16.splat
  i8x16.lt_u
  v128.and
  v128.const i32x4 0x00010001 0x00010001 0x00010001 0x00010001
  i32x4.dot_i16x8_s
  i32x4.add
  local.tee $8
  i32x4.extract_lane 0
  local.get $8
  i32x4.extract_lane 1
  i32.add
  local.get $8
  i32x4.extract_lane 2
  i32.add
  local.get $8
  i32x4.extract_lane 3
  i32.add
  i32.add
  local.set $2
  local.get $1
  i32.const -64
  i32.add
  local.tee $3
  i32.const 16
  i32.add
  local.get $0
  i32.const 16
  i32.add
  v128.load
  v128.store
  local.get $3
  i32.const 32
  i32.add
  local.get $0
  i32.const 32
  i32.add
  v128.load
  v128.store
  local.get $3
  i32.const 48
  i32.add
  local.get $0
  i32.const 48
  i32.add
  v128.load
  v128.store
  local.get $1
  i32.const 4
  i32.sub
  local.get $5
  i32.const 8
  i32.add
  local.tee $4
  i32.const 8
  i32.shr_u
  i32.const 255
  i32.and
  local.get $4
  i32.const 255
  i32.and
  i32.const 8
  i32.shl
  i32.or
  local.tee $4
  i32.store16
  local.get $0
  i32.load offset=64
  i32.const 42
  i32.eq
  if
   local.get $1
   i32.const 26
   i32.sub
   local.get $5
   i32.const 28
   i32.add
   local.tee $3
   i32.const 8
   i32.shr_u
   i32.const 255
   i32.and
   local.get $3
   i32.const 255
   i32.and
   i32.const 8
   i32.shl
   i32.or
   local.tee $3
   local.get $7
   i32.const 8
   i32.shr_u
   i32.const 255
   i32.and
   local.get $7
   i32.const 255
   i32.and
   i32.const 8
   i32.shl
   i32.or
   local.tee $6
   i32.const 16
   i32.shl
   i32.or
   i32.store
   local.get $1
   i32.const 18
   i32.sub
   local.get $0
   i32.load offset=68
   local.get $3
   i32.add
   local.get $6
   i32.add
   local.tee $3
   i32.const 65535
   i32.and
   local.get $3
   i32.const 16
   i32.shr_u
   i32.add
   local.tee $3
   i32.const 65535
   i32.and
   local.get $3
   i32.const 16
   i32.shr_u
   i32.add
   i32.const -1
   i32.xor
   i32.store16
  else
   local.get $3
   local.get $0
   v128.load
   v128.store
   local.get $1
   i32.const 44
   i32.sub
   local.get $4
   i32.store16
  end
  local.get $0
  i32.load offset=76
  if
   local.get $1
   i32.const 2
   i32.sub
   local.get $0
   i32.load offset=72
   local.get $4
   i32.const 1
   i32.shl
   i32.add
   local.get $2
   i32.add
   local.tee $0
   i32.const 65535
   i32.and
   local.get $0
   i32.const 16
   i32.shr_u
   i32.add
   local.tee $0
   i32.const 65535
   i32.and
   local.get $0
   i32.const 16
   i32.shr_u
   i32.add
   i32.const -1
   i32.xor
   i32.const 65535
   i32.and
   local.tee $0
   i32.const 65535
   local.get $0
   select
   i32.store16
  end
  local.get $5
 )
 (func $src/lane/lane.as/extFormat (param $0 i32) (param $1 i32) (param $2 i32) (param $3 f64) (param $4 f64) (param $5 i32) (param $6 f64) (param $7 i32) (param $8 i32) (result i32)
  (local $9 i64)
  (local $10 i32)
  (local $11 v128)
  (local $12 i32)
  (local $13 i64)
  (local $14 v128)
  (local $15 i64)
  (local $16 i64)
  (local $17 i64)
  (local $18 i32)
  (local $19 v128)
  (local $20 v128)
  local.get $0
  local.get $1
  i32.add
  local.set $12
  local.get $7
  local.get $8
  i32.add
  local.set $10
  local.get $7
  local.set $8
  local.get $3
  i64.trunc_sat_f64_s
  local.set $9
  local.get $4
  i64.trunc_sat_f64_s
  local.set $15
  local.get $6
  i64.trunc_sat_f64_s
  local.set $13
  block $src/lane/lane.as/small|inlined.0 (result i32)
   local.get $2
   i32.const 10
   i32.lt_u
   if
    local.get $0
    local.get $2
    i32.const 48
    i32.add
    i32.store8
    local.get $0
    i32.const 1
    i32.add
    br $src/lane/lane.as/small|inlined.0
   end
   local.get $2
   i32.const 100
   i32.lt_u
   if
    local.get $0
    local.get $2
    i32.const 103
    i32.mul
    i32.const 10
    i32.shr_u
    local.tee $1
    i32.const 12336
    i32.add
    local.get $2
    local.get $1
    i32.const 10
    i32.mul
    i32.sub
    i32.const 8
    i32.shl
    i32.add
    i32.store16
    local.get $0
    i32.const 2
    i32.add
    br $src/lane/lane.as/small|inlined.0
   end
   local.get $2
   i32.const 10000
   i32.div_u
   local.tee $1
   i64.extend_i32_u
   local.get $2
   local.get $1
   i32.const 10000
   i32.mul
   i32.sub
   i64.extend_i32_u
   i64.const 32
   i64.shl
   i64.or
   local.tee $16
   i64.const 10486
   i64.mul
   i64.const 20
   i64.shr_u
   i64.const 545460846719
   i64.and
   local.tee $17
   local.get $16
   local.get $17
   i64.const 100
   i64.mul
   i64.sub
   i64.const 16
   i64.shl
   i64.or
   local.tee $16
   i64.const 103
   i64.mul
   i64.const 10
   i64.shr_u
   i64.const 4222189076152335
   i64.and
   local.tee $17
   local.get $16
   local.get $17
   i64.const 10
   i64.mul
   i64.sub
   i64.const 8
   i64.shl
   i64.or
   i64.const 3472328296227680304
   i64.or
   local.set $16
   local.get $2
   i32.const 10000000
   i32.ge_u
   if
    local.get $0
    local.get $16
    i64.store
    local.get $0
    i32.const 8
    i32.add
    br $src/lane/lane.as/small|inlined.0
   end
   local.get $2
   i32.const 1000000
   i32.ge_u
   if
    local.get $0
    local.get $16
    i64.const 8
    i64.shr_u
    i64.store
    local.get $0
    i32.const 7
    i32.add
    br $src/lane/lane.as/small|inlined.0
   end
   local.get $2
   i32.const 100000
   i32.ge_u
   if
    local.get $0
    local.get $16
    i64.const 16
    i64.shr_u
    i64.store
    local.get $0
    i32.const 6
    i32.add
    br $src/lane/lane.as/small|inlined.0
   end
   local.get $2
   i32.const 10000
   i32.ge_u
   if
    local.get $0
    local.get $16
    i64.const 24
    i64.shr_u
    i64.store
    local.get $0
    i32.const 5
    i32.add
    br $src/lane/lane.as/small|inlined.0
   end
   local.get $2
   i32.const 1000
   i32.ge_u
   if
    local.get $0
    local.get $16
    i64.const 32
    i64.shr_u
    i64.store
    local.get $0
    i32.const 4
    i32.add
    br $src/lane/lane.as/small|inlined.0
   end
   local.get $0
   local.get $16
   i64.const 40
   i64.shr_u
   i64.store
   local.get $0
   i32.const 3
   i32.add
  end
  local.tee $1
  i32.const 44
  i32.store8
  local.get $1
  i32.const 1
  i32.add
  local.set $1
  block $src/lane/lane.as/decimal|inlined.0 (result i32)
   local.get $9
   i64.const 100000000
   i64.lt_s
   if
    block $src/lane/lane.as/small|inlined.1 (result i32)
     local.get $9
     i32.wrap_i64
     local.tee $2
     i32.const 10
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 48
      i32.add
      i32.store8
      local.get $1
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.1
     end
     local.get $2
     i32.const 100
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $18
      i32.const 12336
      i32.add
      local.get $2
      local.get $18
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $1
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.1
     end
     local.get $2
     i32.const 10000
     i32.div_u
     local.tee $18
     i64.extend_i32_u
     local.get $2
     local.get $18
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $9
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $16
     local.get $9
     local.get $16
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $9
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $16
     local.get $9
     local.get $16
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $9
     local.get $2
     i32.const 10000000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.store
      local.get $1
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.1
     end
     local.get $2
     i32.const 1000000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 8
      i64.shr_u
      i64.store
      local.get $1
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.1
     end
     local.get $2
     i32.const 100000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 16
      i64.shr_u
      i64.store
      local.get $1
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.1
     end
     local.get $2
     i32.const 10000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 24
      i64.shr_u
      i64.store
      local.get $1
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.1
     end
     local.get $2
     i32.const 1000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 32
      i64.shr_u
      i64.store
      local.get $1
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.1
     end
     local.get $1
     local.get $9
     i64.const 40
     i64.shr_u
     i64.store
     local.get $1
     i32.const 3
     i32.add
    end
    br $src/lane/lane.as/decimal|inlined.0
   end
   local.get $9
   i64.const 4294967296
   i64.lt_s
   if
    block $src/lane/lane.as/small|inlined.2 (result i32)
     local.get $9
     i32.wrap_i64
     i32.const 100000000
     i32.div_u
     local.tee $2
     i32.const 10
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 48
      i32.add
      i32.store8
      local.get $1
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.2
     end
     local.get $2
     i32.const 100
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $18
      i32.const 12336
      i32.add
      local.get $2
      local.get $18
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $1
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.2
     end
     local.get $2
     i32.const 10000
     i32.div_u
     local.tee $18
     i64.extend_i32_u
     local.get $2
     local.get $18
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $16
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $17
     local.get $16
     local.get $17
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $16
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $17
     local.get $16
     local.get $17
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $16
     local.get $2
     i32.const 10000000
     i32.ge_u
     if
      local.get $1
      local.get $16
      i64.store
      local.get $1
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.2
     end
     local.get $2
     i32.const 1000000
     i32.ge_u
     if
      local.get $1
      local.get $16
      i64.const 8
      i64.shr_u
      i64.store
      local.get $1
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.2
     end
     local.get $2
     i32.const 100000
     i32.ge_u
     if
      local.get $1
      local.get $16
      i64.const 16
      i64.shr_u
      i64.store
      local.get $1
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.2
     end
     local.get $2
     i32.const 10000
     i32.ge_u
     if
      local.get $1
      local.get $16
      i64.const 24
      i64.shr_u
      i64.store
      local.get $1
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.2
     end
     local.get $2
     i32.const 1000
     i32.ge_u
     if
      local.get $1
      local.get $16
      i64.const 32
      i64.shr_u
      i64.store
      local.get $1
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.2
     end
     local.get $1
     local.get $16
     i64.const 40
     i64.shr_u
     i64.store
     local.get $1
     i32.const 3
     i32.add
    end
    local.tee $1
    local.get $9
    i32.wrap_i64
    local.get $2
    i32.const 100000000
    i32.mul
    i32.sub
    local.tee $2
    i32.const 10000
    i32.div_u
    local.tee $18
    i64.extend_i32_u
    local.get $2
    local.get $18
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $9
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $16
    local.get $9
    local.get $16
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $9
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $16
    local.get $9
    local.get $16
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    i64.store
    local.get $1
    i32.const 8
    i32.add
    br $src/lane/lane.as/decimal|inlined.0
   end
   block $src/lane/lane.as/small|inlined.3 (result i32)
    local.get $9
    local.get $9
    f64.convert_i64_s
    f64.const 1e-08
    f64.mul
    i64.trunc_sat_f64_s
    local.tee $16
    i64.const 100000000
    i64.mul
    i64.sub
    local.tee $9
    i64.const 0
    i64.lt_s
    if (result i64)
     local.get $9
     i64.const 100000000
     i64.add
     local.set $9
     local.get $16
     i64.const 1
     i64.sub
    else
     local.get $9
     i64.const 100000000
     i64.ge_s
     if (result i64)
      local.get $9
      i64.const 100000000
      i64.sub
      local.set $9
      local.get $16
      i64.const 1
      i64.add
     else
      local.get $16
     end
    end
    i32.wrap_i64
    local.tee $2
    i32.const 10
    i32.lt_u
    if
     local.get $1
     local.get $2
     i32.const 48
     i32.add
     i32.store8
     local.get $1
     i32.const 1
     i32.add
     br $src/lane/lane.as/small|inlined.3
    end
    local.get $2
    i32.const 100
    i32.lt_u
    if
     local.get $1
     local.get $2
     i32.const 103
     i32.mul
     i32.const 10
     i32.shr_u
     local.tee $18
     i32.const 12336
     i32.add
     local.get $2
     local.get $18
     i32.const 10
     i32.mul
     i32.sub
     i32.const 8
     i32.shl
     i32.add
     i32.store16
     local.get $1
     i32.const 2
     i32.add
     br $src/lane/lane.as/small|inlined.3
    end
    local.get $2
    i32.const 10000
    i32.div_u
    local.tee $18
    i64.extend_i32_u
    local.get $2
    local.get $18
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $16
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $17
    local.get $16
    local.get $17
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $16
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $17
    local.get $16
    local.get $17
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    local.set $16
    local.get $2
    i32.const 10000000
    i32.ge_u
    if
     local.get $1
     local.get $16
     i64.store
     local.get $1
     i32.const 8
     i32.add
     br $src/lane/lane.as/small|inlined.3
    end
    local.get $2
    i32.const 1000000
    i32.ge_u
    if
     local.get $1
     local.get $16
     i64.const 8
     i64.shr_u
     i64.store
     local.get $1
     i32.const 7
     i32.add
     br $src/lane/lane.as/small|inlined.3
    end
    local.get $2
    i32.const 100000
    i32.ge_u
    if
     local.get $1
     local.get $16
     i64.const 16
     i64.shr_u
     i64.store
     local.get $1
     i32.const 6
     i32.add
     br $src/lane/lane.as/small|inlined.3
    end
    local.get $2
    i32.const 10000
    i32.ge_u
    if
     local.get $1
     local.get $16
     i64.const 24
     i64.shr_u
     i64.store
     local.get $1
     i32.const 5
     i32.add
     br $src/lane/lane.as/small|inlined.3
    end
    local.get $2
    i32.const 1000
    i32.ge_u
    if
     local.get $1
     local.get $16
     i64.const 32
     i64.shr_u
     i64.store
     local.get $1
     i32.const 4
     i32.add
     br $src/lane/lane.as/small|inlined.3
    end
    local.get $1
    local.get $16
    i64.const 40
    i64.shr_u
    i64.store
    local.get $1
    i32.const 3
    i32.add
   end
   local.tee $1
   local.get $9
   i32.wrap_i64
   local.tee $2
   i32.const 10000
   i32.div_u
   local.tee $18
   i64.extend_i32_u
   local.get $2
   local.get $18
   i32.const 10000
   i32.mul
   i32.sub
   i64.extend_i32_u
   i64.const 32
   i64.shl
   i64.or
   local.tee $9
   i64.const 10486
   i64.mul
   i64.const 20
   i64.shr_u
   i64.const 545460846719
   i64.and
   local.tee $16
   local.get $9
   local.get $16
   i64.const 100
   i64.mul
   i64.sub
   i64.const 16
   i64.shl
   i64.or
   local.tee $9
   i64.const 103
   i64.mul
   i64.const 10
   i64.shr_u
   i64.const 4222189076152335
   i64.and
   local.tee $16
   local.get $9
   local.get $16
   i64.const 10
   i64.mul
   i64.sub
   i64.const 8
   i64.shl
   i64.or
   i64.const 3472328296227680304
   i64.or
   i64.store
   local.get $1
   i32.const 8
   i32.add
  end
  local.tee $1
  i32.const 44
  i32.store8
  local.get $1
  i32.const 1
  i32.add
  local.set $1
  block $src/lane/lane.as/decimal|inlined.1 (result i32)
   local.get $15
   i64.const 100000000
   i64.lt_s
   if
    block $src/lane/lane.as/small|inlined.4 (result i32)
     local.get $15
     i32.wrap_i64
     local.tee $2
     i32.const 10
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 48
      i32.add
      i32.store8
      local.get $1
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.4
     end
     local.get $2
     i32.const 100
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $18
      i32.const 12336
      i32.add
      local.get $2
      local.get $18
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $1
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.4
     end
     local.get $2
     i32.const 10000
     i32.div_u
     local.tee $18
     i64.extend_i32_u
     local.get $2
     local.get $18
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $9
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $15
     local.get $9
     local.get $15
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $9
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $15
     local.get $9
     local.get $15
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $9
     local.get $2
     i32.const 10000000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.store
      local.get $1
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.4
     end
     local.get $2
     i32.const 1000000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 8
      i64.shr_u
      i64.store
      local.get $1
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.4
     end
     local.get $2
     i32.const 100000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 16
      i64.shr_u
      i64.store
      local.get $1
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.4
     end
     local.get $2
     i32.const 10000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 24
      i64.shr_u
      i64.store
      local.get $1
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.4
     end
     local.get $2
     i32.const 1000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 32
      i64.shr_u
      i64.store
      local.get $1
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.4
     end
     local.get $1
     local.get $9
     i64.const 40
     i64.shr_u
     i64.store
     local.get $1
     i32.const 3
     i32.add
    end
    br $src/lane/lane.as/decimal|inlined.1
   end
   local.get $15
   i64.const 4294967296
   i64.lt_s
   if
    block $src/lane/lane.as/small|inlined.5 (result i32)
     local.get $15
     i32.wrap_i64
     i32.const 100000000
     i32.div_u
     local.tee $2
     i32.const 10
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 48
      i32.add
      i32.store8
      local.get $1
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.5
     end
     local.get $2
     i32.const 100
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $18
      i32.const 12336
      i32.add
      local.get $2
      local.get $18
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $1
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.5
     end
     local.get $2
     i32.const 10000
     i32.div_u
     local.tee $18
     i64.extend_i32_u
     local.get $2
     local.get $18
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $9
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $16
     local.get $9
     local.get $16
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $9
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $16
     local.get $9
     local.get $16
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $9
     local.get $2
     i32.const 10000000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.store
      local.get $1
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.5
     end
     local.get $2
     i32.const 1000000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 8
      i64.shr_u
      i64.store
      local.get $1
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.5
     end
     local.get $2
     i32.const 100000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 16
      i64.shr_u
      i64.store
      local.get $1
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.5
     end
     local.get $2
     i32.const 10000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 24
      i64.shr_u
      i64.store
      local.get $1
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.5
     end
     local.get $2
     i32.const 1000
     i32.ge_u
     if
      local.get $1
      local.get $9
      i64.const 32
      i64.shr_u
      i64.store
      local.get $1
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.5
     end
     local.get $1
     local.get $9
     i64.const 40
     i64.shr_u
     i64.store
     local.get $1
     i32.const 3
     i32.add
    end
    local.tee $1
    local.get $15
    i32.wrap_i64
    local.get $2
    i32.const 100000000
    i32.mul
    i32.sub
    local.tee $2
    i32.const 10000
    i32.div_u
    local.tee $18
    i64.extend_i32_u
    local.get $2
    local.get $18
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $9
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $15
    local.get $9
    local.get $15
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $9
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $15
    local.get $9
    local.get $15
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    i64.store
    local.get $1
    i32.const 8
    i32.add
    br $src/lane/lane.as/decimal|inlined.1
   end
   block $src/lane/lane.as/small|inlined.6 (result i32)
    local.get $15
    local.get $15
    f64.convert_i64_s
    f64.const 1e-08
    f64.mul
    i64.trunc_sat_f64_s
    local.tee $15
    i64.const 100000000
    i64.mul
    i64.sub
    local.tee $9
    i64.const 0
    i64.lt_s
    if (result i64)
     local.get $9
     i64.const 100000000
     i64.add
     local.set $9
     local.get $15
     i64.const 1
     i64.sub
    else
     local.get $9
     i64.const 100000000
     i64.ge_s
     if (result i64)
      local.get $9
      i64.const 100000000
      i64.sub
      local.set $9
      local.get $15
      i64.const 1
      i64.add
     else
      local.get $15
     end
    end
    i32.wrap_i64
    local.tee $2
    i32.const 10
    i32.lt_u
    if
     local.get $1
     local.get $2
     i32.const 48
     i32.add
     i32.store8
     local.get $1
     i32.const 1
     i32.add
     br $src/lane/lane.as/small|inlined.6
    end
    local.get $2
    i32.const 100
    i32.lt_u
    if
     local.get $1
     local.get $2
     i32.const 103
     i32.mul
     i32.const 10
     i32.shr_u
     local.tee $18
     i32.const 12336
     i32.add
     local.get $2
     local.get $18
     i32.const 10
     i32.mul
     i32.sub
     i32.const 8
     i32.shl
     i32.add
     i32.store16
     local.get $1
     i32.const 2
     i32.add
     br $src/lane/lane.as/small|inlined.6
    end
    local.get $2
    i32.const 10000
    i32.div_u
    local.tee $18
    i64.extend_i32_u
    local.get $2
    local.get $18
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $15
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $16
    local.get $15
    local.get $16
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $15
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $16
    local.get $15
    local.get $16
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    local.set $15
    local.get $2
    i32.const 10000000
    i32.ge_u
    if
     local.get $1
     local.get $15
     i64.store
     local.get $1
     i32.const 8
     i32.add
     br $src/lane/lane.as/small|inlined.6
    end
    local.get $2
    i32.const 1000000
    i32.ge_u
    if
     local.get $1
     local.get $15
     i64.const 8
     i64.shr_u
     i64.store
     local.get $1
     i32.const 7
     i32.add
     br $src/lane/lane.as/small|inlined.6
    end
    local.get $2
    i32.const 100000
    i32.ge_u
    if
     local.get $1
     local.get $15
     i64.const 16
     i64.shr_u
     i64.store
     local.get $1
     i32.const 6
     i32.add
     br $src/lane/lane.as/small|inlined.6
    end
    local.get $2
    i32.const 10000
    i32.ge_u
    if
     local.get $1
     local.get $15
     i64.const 24
     i64.shr_u
     i64.store
     local.get $1
     i32.const 5
     i32.add
     br $src/lane/lane.as/small|inlined.6
    end
    local.get $2
    i32.const 1000
    i32.ge_u
    if
     local.get $1
     local.get $15
     i64.const 32
     i64.shr_u
     i64.store
     local.get $1
     i32.const 4
     i32.add
     br $src/lane/lane.as/small|inlined.6
    end
    local.get $1
    local.get $15
    i64.const 40
    i64.shr_u
    i64.store
    local.get $1
    i32.const 3
    i32.add
   end
   local.tee $1
   local.get $9
   i32.wrap_i64
   local.tee $2
   i32.const 10000
   i32.div_u
   local.tee $18
   i64.extend_i32_u
   local.get $2
   local.get $18
   i32.const 10000
   i32.mul
   i32.sub
   i64.extend_i32_u
   i64.const 32
   i64.shl
   i64.or
   local.tee $9
   i64.const 10486
   i64.mul
   i64.const 20
   i64.shr_u
   i64.const 545460846719
   i64.and
   local.tee $15
   local.get $9
   local.get $15
   i64.const 100
   i64.mul
   i64.sub
   i64.const 16
   i64.shl
   i64.or
   local.tee $9
   i64.const 103
   i64.mul
   i64.const 10
   i64.shr_u
   i64.const 4222189076152335
   i64.and
   local.tee $15
   local.get $9
   local.get $15
   i64.const 10
   i64.mul
   i64.sub
   i64.const 8
   i64.shl
   i64.or
   i64.const 3472328296227680304
   i64.or
   i64.store
   local.get $1
   i32.const 8
   i32.add
  end
  local.tee $1
  local.get $5
  i32.const 8
  i32.shl
  i32.const 44
  i32.or
  i32.store16
  local.get $1
  i32.const 2
  i32.add
  local.set $1
  local.get $13
  i64.const 0
  i64.ge_s
  if
   local.get $1
   i64.const 4427712900007813932
   i64.store
   local.get $1
   i32.const 8
   i32.add
   i32.const 67
   i32.const 84
   local.get $13
   i64.const 2147483648
   i64.ge_s
   select
   i32.store8
   local.get $1
   i32.const 9
   i32.add
   local.set $1
   block $src/lane/lane.as/decimal|inlined.2 (result i32)
    local.get $13
    i64.const 2147483647
    i64.and
    local.tee $9
    i64.const 100000000
    i64.lt_u
    if
     block $src/lane/lane.as/small|inlined.7 (result i32)
      local.get $9
      i32.wrap_i64
      local.tee $2
      i32.const 10
      i32.lt_u
      if
       local.get $1
       local.get $2
       i32.const 48
       i32.add
       i32.store8
       local.get $1
       i32.const 1
       i32.add
       br $src/lane/lane.as/small|inlined.7
      end
      local.get $2
      i32.const 100
      i32.lt_u
      if
       local.get $1
       local.get $2
       i32.const 103
       i32.mul
       i32.const 10
       i32.shr_u
       local.tee $5
       i32.const 12336
       i32.add
       local.get $2
       local.get $5
       i32.const 10
       i32.mul
       i32.sub
       i32.const 8
       i32.shl
       i32.add
       i32.store16
       local.get $1
       i32.const 2
       i32.add
       br $src/lane/lane.as/small|inlined.7
      end
      local.get $2
      i32.const 10000
      i32.div_u
      local.tee $5
      i64.extend_i32_u
      local.get $2
      local.get $5
      i32.const 10000
      i32.mul
      i32.sub
      i64.extend_i32_u
      i64.const 32
      i64.shl
      i64.or
      local.tee $9
      i64.const 10486
      i64.mul
      i64.const 20
      i64.shr_u
      i64.const 545460846719
      i64.and
      local.tee $13
      local.get $9
      local.get $13
      i64.const 100
      i64.mul
      i64.sub
      i64.const 16
      i64.shl
      i64.or
      local.tee $9
      i64.const 103
      i64.mul
      i64.const 10
      i64.shr_u
      i64.const 4222189076152335
      i64.and
      local.tee $13
      local.get $9
      local.get $13
      i64.const 10
      i64.mul
      i64.sub
      i64.const 8
      i64.shl
      i64.or
      i64.const 3472328296227680304
      i64.or
      local.set $9
      local.get $2
      i32.const 10000000
      i32.ge_u
      if
       local.get $1
       local.get $9
       i64.store
       local.get $1
       i32.const 8
       i32.add
       br $src/lane/lane.as/small|inlined.7
      end
      local.get $2
      i32.const 1000000
      i32.ge_u
      if
       local.get $1
       local.get $9
       i64.const 8
       i64.shr_u
       i64.store
       local.get $1
       i32.const 7
       i32.add
       br $src/lane/lane.as/small|inlined.7
      end
      local.get $2
      i32.const 100000
      i32.ge_u
      if
       local.get $1
       local.get $9
       i64.const 16
       i64.shr_u
       i64.store
       local.get $1
       i32.const 6
       i32.add
       br $src/lane/lane.as/small|inlined.7
      end
      local.get $2
      i32.const 10000
      i32.ge_u
      if
       local.get $1
       local.get $9
       i64.const 24
       i64.shr_u
       i64.store
       local.get $1
       i32.const 5
       i32.add
       br $src/lane/lane.as/small|inlined.7
      end
      local.get $2
      i32.const 1000
      i32.ge_u
      if
       local.get $1
       local.get $9
       i64.const 32
       i64.shr_u
       i64.store
       local.get $1
       i32.const 4
       i32.add
       br $src/lane/lane.as/small|inlined.7
      end
      local.get $1
      local.get $9
      i64.const 40
      i64.shr_u
      i64.store
      local.get $1
      i32.const 3
      i32.add
     end
     br $src/lane/lane.as/decimal|inlined.2
    end
    block $src/lane/lane.as/small|inlined.8 (result i32)
     local.get $9
     i32.wrap_i64
     i32.const 100000000
     i32.div_u
     local.tee $2
     i32.const 10
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 48
      i32.add
      i32.store8
      local.get $1
      i32.const 1
      i32.add
      br $src/lane/lane.as/small|inlined.8
     end
     local.get $2
     i32.const 100
     i32.lt_u
     if
      local.get $1
      local.get $2
      i32.const 103
      i32.mul
      i32.const 10
      i32.shr_u
      local.tee $5
      i32.const 12336
      i32.add
      local.get $2
      local.get $5
      i32.const 10
      i32.mul
      i32.sub
      i32.const 8
      i32.shl
      i32.add
      i32.store16
      local.get $1
      i32.const 2
      i32.add
      br $src/lane/lane.as/small|inlined.8
     end
     local.get $2
     i32.const 10000
     i32.div_u
     local.tee $5
     i64.extend_i32_u
     local.get $2
     local.get $5
     i32.const 10000
     i32.mul
     i32.sub
     i64.extend_i32_u
     i64.const 32
     i64.shl
     i64.or
     local.tee $13
     i64.const 10486
     i64.mul
     i64.const 20
     i64.shr_u
     i64.const 545460846719
     i64.and
     local.tee $15
     local.get $13
     local.get $15
     i64.const 100
     i64.mul
     i64.sub
     i64.const 16
     i64.shl
     i64.or
     local.tee $13
     i64.const 103
     i64.mul
     i64.const 10
     i64.shr_u
     i64.const 4222189076152335
     i64.and
     local.tee $15
     local.get $13
     local.get $15
     i64.const 10
     i64.mul
     i64.sub
     i64.const 8
     i64.shl
     i64.or
     i64.const 3472328296227680304
     i64.or
     local.set $13
     local.get $2
     i32.const 10000000
     i32.ge_u
     if
      local.get $1
      local.get $13
      i64.store
      local.get $1
      i32.const 8
      i32.add
      br $src/lane/lane.as/small|inlined.8
     end
     local.get $2
     i32.const 1000000
     i32.ge_u
     if
      local.get $1
      local.get $13
      i64.const 8
      i64.shr_u
      i64.store
      local.get $1
      i32.const 7
      i32.add
      br $src/lane/lane.as/small|inlined.8
     end
     local.get $2
     i32.const 100000
     i32.ge_u
     if
      local.get $1
      local.get $13
      i64.const 16
      i64.shr_u
      i64.store
      local.get $1
      i32.const 6
      i32.add
      br $src/lane/lane.as/small|inlined.8
     end
     local.get $2
     i32.const 10000
     i32.ge_u
     if
      local.get $1
      local.get $13
      i64.const 24
      i64.shr_u
      i64.store
      local.get $1
      i32.const 5
      i32.add
      br $src/lane/lane.as/small|inlined.8
     end
     local.get $2
     i32.const 1000
     i32.ge_u
     if
      local.get $1
      local.get $13
      i64.const 32
      i64.shr_u
      i64.store
      local.get $1
      i32.const 4
      i32.add
      br $src/lane/lane.as/small|inlined.8
     end
     local.get $1
     local.get $13
     i64.const 40
     i64.shr_u
     i64.store
     local.get $1
     i32.const 3
     i32.add
    end
    local.tee $1
    local.get $9
    i32.wrap_i64
    local.get $2
    i32.const 100000000
    i32.mul
    i32.sub
    local.tee $2
    i32.const 10000
    i32.div_u
    local.tee $5
    i64.extend_i32_u
    local.get $2
    local.get $5
    i32.const 10000
    i32.mul
    i32.sub
    i64.extend_i32_u
    i64.const 32
    i64.shl
    i64.or
    local.tee $9
    i64.const 10486
    i64.mul
    i64.const 20
    i64.shr_u
    i64.const 545460846719
    i64.and
    local.tee $13
    local.get $9
    local.get $13
    i64.const 100
    i64.mul
    i64.sub
    i64.const 16
    i64.shl
    i64.or
    local.tee $9
    i64.const 103
    i64.mul
    i64.const 10
    i64.shr_u
    i64.const 4222189076152335
    i64.and
    local.tee $13
    local.get $9
    local.get $13
    i64.const 10
    i64.mul
    i64.sub
    i64.const 8
    i64.shl
    i64.or
    i64.const 3472328296227680304
    i64.or
    i64.store
    local.get $1
    i32.const 8
    i32.add
   end
   local.set $1
  end
  local.get $1
  i32.const 59
  i32.store8
  local.get $7
  local.get $12
  local.get $1
  i32.const 1
  i32.add
  local.tee $2
  local.tee $5
  i32.sub
  local.tee $1
  local.get $10
  local.get $7
  i32.sub
  local.tee $18
  local.get $1
  local.get $18
  i32.lt_u
  select
  i32.const -64
  i32.and
  i32.add
  local.set $1
  loop $while-continue|0
   local.get $1
   local.get $8
   i32.gt_u
   if
    local.get $8
    v128.load
    local.tee $19
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
    i8x16.lt_s
    local.get $19
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    local.get $8
    v128.load offset=16
    local.tee $20
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
    i8x16.lt_s
    local.get $20
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    v128.or
    local.get $8
    v128.load offset=32
    local.tee $11
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
    i8x16.lt_s
    local.get $11
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    local.get $8
    v128.load offset=48
    local.tee $14
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
    i8x16.lt_s
    local.get $14
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    v128.or
    v128.or
    v128.any_true
    i32.eqz
    if
     local.get $5
     local.get $19
     v128.store
     local.get $5
     local.get $20
     v128.store offset=16
     local.get $5
     local.get $11
     v128.store offset=32
     local.get $5
     local.get $14
     v128.store offset=48
     local.get $8
     i32.const -64
     i32.sub
     local.set $8
     local.get $5
     i32.const -64
     i32.sub
     local.set $5
     br $while-continue|0
    end
   end
  end
  loop $while-continue|1
   local.get $8
   local.get $10
   i32.lt_u
   if
    block $while-break|1
     local.get $8
     v128.load
     local.tee $11
     v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
     i8x16.add
     v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
     i8x16.lt_s
     local.get $11
     v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
     i8x16.eq
     v128.or
     local.tee $14
     i8x16.bitmask
     i32.ctz
     i32.const 16
     local.get $14
     v128.any_true
     select
     local.tee $18
     local.get $10
     local.get $8
     i32.sub
     local.tee $1
     i32.le_u
     if
      local.get $18
      local.set $1
     end
     local.get $5
     i32.const 16
     i32.add
     local.get $12
     i32.gt_u
     br_if $while-break|1
     local.get $5
     local.get $11
     v128.store
     local.get $1
     local.get $8
     i32.add
     local.set $8
     local.get $1
     local.get $5
     i32.add
     local.set $5
     local.get $1
     i32.const 16
     i32.lt_u
     br_if $while-break|1
     br $while-continue|1
    end
   end
  end
  local.get $12
  local.get $10
  local.get $8
  local.get $7
  i32.sub
  local.tee $1
  local.get $7
  i32.add
  i32.eq
  if (result i32)
   local.get $1
   local.get $2
   i32.add
  else
   local.get $1
   local.get $7
   i32.add
   local.get $10
   local.get $1
   local.get $2
   i32.add
   local.get $12
   call $src/lane/lane.as/slowEscape
  end
  local.tee $1
  i32.gt_u
  if (result i32)
   local.get $1
   i32.const 10
   i32.store8
   local.get $1
   i32.const 1
   i32.add
  else
   local.get $1
  end
  local.get $0
  i32.sub
 )
 (func $src/lane/lane.as/escape (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i32) (result i32)
  (local $4 i32)
  (local $5 v128)
  (local $6 i32)
  (local $7 i32)
  (local $8 v128)
  (local $9 i32)
  (local $10 v128)
  (local $11 v128)
  local.get $2
  local.tee $4
  local.get $3
  i32.add
  local.tee $7
  local.get $4
  i32.sub
  local.tee $9
  local.get $0
  local.tee $3
  local.get $1
  i32.add
  local.tee $6
  local.get $3
  i32.sub
  local.tee $1
  local.get $1
  local.get $9
  i32.gt_u
  select
  i32.const -64
  i32.and
  local.get $3
  i32.add
  local.set $1
  loop $while-continue|0
   local.get $1
   local.get $3
   i32.gt_u
   if
    local.get $3
    v128.load
    local.tee $5
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
    i8x16.lt_s
    local.get $5
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    local.get $3
    v128.load offset=16
    local.tee $8
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
    i8x16.lt_s
    local.get $8
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    v128.or
    local.get $3
    v128.load offset=32
    local.tee $10
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
    i8x16.lt_s
    local.get $10
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    local.get $3
    v128.load offset=48
    local.tee $11
    v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
    i8x16.add
    v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
    i8x16.lt_s
    local.get $11
    v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
    i8x16.eq
    v128.or
    v128.or
    v128.or
    v128.any_true
    i32.eqz
    if
     local.get $4
     local.get $5
     v128.store
     local.get $4
     local.get $8
     v128.store offset=16
     local.get $4
     local.get $10
     v128.store offset=32
     local.get $4
     local.get $11
     v128.store offset=48
     local.get $3
     i32.const -64
     i32.sub
     local.set $3
     local.get $4
     i32.const -64
     i32.sub
     local.set $4
     br $while-continue|0
    end
   end
  end
  loop $while-continue|1
   local.get $3
   local.get $6
   i32.lt_u
   if
    block $while-break|1
     local.get $3
     v128.load
     local.tee $5
     v128.const i32x4 0x01010101 0x01010101 0x01010101 0x01010101
     i8x16.add
     v128.const i32x4 0x21212121 0x21212121 0x21212121 0x21212121
     i8x16.lt_s
     local.get $5
     v128.const i32x4 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c 0x5c5c5c5c
     i8x16.eq
     v128.or
     local.tee $8
     i8x16.bitmask
     i32.ctz
     i32.const 16
     local.get $8
     v128.any_true
     select
     local.tee $9
     local.get $6
     local.get $3
     i32.sub
     local.tee $1
     i32.le_u
     if
      local.get $9
      local.set $1
     end
     local.get $4
     i32.const 16
     i32.add
     local.get $7
     i32.gt_u
     br_if $while-break|1
     local.get $4
     local.get $5
     v128.store
     local.get $1
     local.get $3
     i32.add
     local.set $3
     local.get $1
     local.get $4
     i32.add
     local.set $4
     local.get $1
     i32.const 16
     i32.lt_u
     br_if $while-break|1
     br $while-continue|1
    end
   end
  end
  local.get $0
  local.get $3
  local.get $0
  i32.sub
  local.tee $1
  i32.add
  local.get $6
  i32.eq
  if (result i32)
   local.get $1
   local.get $2
   i32.add
  else
   local.get $0
   local.get $1
   i32.add
   local.get $6
   local.get $1
   local.get $2
   i32.add
   local.get $7
   call $src/lane/lane.as/slowEscape
  end
  local.get $2
  i32.sub
 )
 (func $src/lane/lane.as/copy (param $0 i32) (param $1 i32) (param $2 i32)
  (local $3 i32)
  (local $4 i32)
  (local $5 i64)
  local.get $1
  local.tee $4
  i32.const 16
  i32.ge_u
  if
   loop $for-loop|0
    local.get $3
    i32.const 16
    i32.add
    local.tee $1
    local.get $4
    i32.lt_u
    if
     local.get $2
     local.get $3
     i32.add
     local.get $0
     local.get $3
     i32.add
     v128.load
     v128.store
     local.get $1
     local.set $3
     br $for-loop|0
    end
   end
   local.get $2
   local.get $4
   i32.add
   i32.const 16
   i32.sub
   local.get $0
   local.get $4
   i32.add
   i32.const 16
   i32.sub
   v128.load
   v128.store
  else
   local.get $4
   i32.const 8
   i32.ge_u
   if
    local.get $0
    i64.load
    local.set $5
    local.get $2
    local.get $4
    i32.add
    i32.const 8
    i32.sub
    local.get $0
    local.get $4
    i32.add
    i32.const 8
    i32.sub
    i64.load
    i64.store
    local.get $2
    local.get $5
    i64.store
   else
    loop $for-loop|1
     local.get $3
     local.get $4
     i32.lt_u
     if
      local.get $2
      local.get $3
      i32.add
      local.get $0
      local.get $3
      i32.add
      i32.load8_u
      i32.store8
      local.get $3
      i32.const 1
      i32.add
      local.set $3
      br $for-loop|1
     end
    end
   end
  end
 )
)
